"""From extraction records to quads. What each article reports goes into its own named graphs; imports no NLP."""
