"""The queries behind the pages. Each `VALUES ?name {}` is a slot that `Site.select` fills with a term."""

from __future__ import annotations

from kg.prefixes import PREFIXES

_PREFIXES = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())

ARTICLE = (
    _PREFIXES
    + """
SELECT * WHERE {
  VALUES ?article {}
  ?article a schema:NewsArticle ; dcterms:source ?file ; nkg:sha256 ?sha .
  ?context a nif:Context ; nif:sourceUrl ?article ; nif:isString ?text .
  OPTIONAL { ?article schema:headline ?headline }
  OPTIONAL { ?article schema:datePublished ?published }
  OPTIONAL { ?article schema:url ?url }
  OPTIONAL { ?article schema:publisher ?publisher . OPTIONAL { ?publisher skos:prefLabel ?publisherName } }
} LIMIT 1
"""
)

SPANS = (
    _PREFIXES
    + """
SELECT ?span ?begin ?end ?sentence ?furniture ?entity ?name ?type ?confidence WHERE {
  VALUES ?article {}
  ?context nif:sourceUrl ?article .
  ?span nif:referenceContext ?context ; nif:beginIndex ?begin ; nif:endIndex ?end .
  BIND(EXISTS { ?span a nif:Sentence } AS ?sentence)
  BIND(EXISTS { ?span a nkg:Furniture } AS ?furniture)
  OPTIONAL {
    ?span itsrdf:taIdentRef ?entity .
    OPTIONAL { ?entity skos:prefLabel ?name }
    OPTIONAL { ?span itsrdf:taConfidence ?confidence }
    OPTIONAL { ?entity a ?type }
  }
} ORDER BY ?begin ?end ?entity
"""
)

# The other versions of an article; `next` is true for those just before and just after it.
VERSIONS = (
    _PREFIXES
    + """
SELECT DISTINCT ?other ?when ?next ?headline ?published ?sha WHERE {
  VALUES ?article {}
  { ?article prov:wasRevisionOf+ ?other BIND("earlier" AS ?when) BIND(EXISTS { ?article prov:wasRevisionOf ?other } AS ?next) }
  UNION
  { ?other prov:wasRevisionOf+ ?article BIND("later" AS ?when) BIND(EXISTS { ?other prov:wasRevisionOf ?article } AS ?next) }
  FILTER(?other != ?article)
  OPTIONAL { ?other schema:headline ?headline }
  OPTIONAL { ?other schema:datePublished ?published }
  OPTIONAL { ?other nkg:sha256 ?sha }
} ORDER BY DESC(?published) DESC(?other)
"""
)

# Articles that take the place of earlier ones.
REVISIONS = (
    _PREFIXES
    + """
SELECT DISTINCT ?thing ?name WHERE {
  ?thing prov:wasRevisionOf ?other .
  OPTIONAL { ?thing schema:headline ?headline }
  OPTIONAL { ?thing schema:datePublished ?published }
  BIND(COALESCE(?headline, STR(?thing)) AS ?name)
} ORDER BY DESC(?published) ?thing LIMIT 150
"""
)

SENTENCES = (
    _PREFIXES
    + """
SELECT ?article ?span ?text WHERE {
  VALUES ?article {}
  ?context nif:sourceUrl ?article .
  ?span a nif:Sentence ; nif:referenceContext ?context ; nif:beginIndex ?begin ; nif:anchorOf ?text .
} ORDER BY ?article ?begin
"""
)

# All that one article reports, as it stands; pages put it together (`kg.web.assertions`), so that nothing multiplies.
REPORTED = (
    _PREFIXES
    + """
SELECT ?article ?node ?property ?value ?name ?words WHERE {
  VALUES ?article {}
  GRAPH ?article { ?node ?property ?value }
  OPTIONAL { ?value skos:prefLabel|nkg:surface ?name }
  OPTIONAL { ?value nif:anchorOf ?words }
} ORDER BY ?node ?property ?value
"""
)

SIZE = "SELECT (COUNT(*) AS ?n) WHERE { VALUES ?graph {} GRAPH ?graph { ?s ?p ?o } }"
PROPERTIES = (
    "SELECT DISTINCT ?property ?value WHERE { VALUES ?thing {} ?thing ?property ?value } ORDER BY ?property ?value"
)
GRAPHS = "CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?graph {} GRAPH ?graph { ?s ?p ?o } }"
EXISTS = "SELECT ?p WHERE { { VALUES ?thing {} ?thing ?p ?o } UNION { VALUES ?thing {} ?s ?p ?thing } } LIMIT 1"

THING = (
    _PREFIXES
    + """
SELECT DISTINCT ?property ?value ?valueName WHERE {
  VALUES ?thing {}
  ?thing ?property ?value .
  FILTER(?property IN (rdf:type, skos:prefLabel, rdfs:label, skos:altLabel, skos:exactMatch, skos:closeMatch,
                       schema:description, nkg:eventType, geo:hasDefaultGeometry))
  OPTIONAL { ?value geo:asWKT|skos:prefLabel ?valueName }
} ORDER BY ?property ?value
"""
)

# The accounts in which a thing has a part, at most as many as a page can show.
ABOUT = (
    _PREFIXES
    + """
SELECT ?article ?node ?property ?value ?name ?words WHERE {
  { SELECT DISTINCT ?article ?node WHERE {
      VALUES ?thing {}
      VALUES ?role { nkg:speaker nkg:relayedBy nkg:holder nkg:organisation sem:hasActor sem:hasPlace
                     prov:wasAttributedTo nkg:countsEvent }
      GRAPH ?article { ?node ?role ?thing }
    } ORDER BY ?article ?node LIMIT 500 }
  GRAPH ?article { ?node ?property ?value }
  OPTIONAL { ?value skos:prefLabel|nkg:surface ?name }
  OPTIONAL { ?value nif:anchorOf ?words }
} ORDER BY ?article ?node ?property ?value
"""
)

# How a thing was linked or merged: candidates with scores, reasons of merges, what keeps namesakes apart.
WHY = (
    _PREFIXES
    + """
SELECT ?node ?kind ?target ?name ?score ?method ?ground ?stated ?source WHERE {
  VALUES ?thing {}
  VALUES ?kind { nkg:Candidate nkg:Merge nkg:Distinction }
  { ?node nkg:source ?thing } UNION { ?node nkg:target ?thing ; nkg:source ?source }
  ?node a ?kind ; nkg:target ?target .
  OPTIONAL { ?node rdfs:label ?name }
  OPTIONAL { ?node nkg:score|nkg:confidence ?score }
  OPTIONAL { ?node nkg:method ?method }
  OPTIONAL { ?node nkg:ground ?ground }
  OPTIONAL { ?node nkg:linkProperty ?stated }
} ORDER BY ?kind DESC(?score) ?target ?source LIMIT 60
"""
)

# What a statement, figure or event repeats, updates, contradicts or is one with, in both directions, with the ground.
RELATED = (
    _PREFIXES
    + """
SELECT DISTINCT ?link ?other ?ground ?backward WHERE {
  VALUES ?thing {}
  ?node a nkg:Relation ; nkg:linkProperty ?link .
  { ?node nkg:source ?thing ; nkg:target ?other }
  UNION { ?node nkg:target ?thing ; nkg:source ?other BIND(true AS ?backward) }
  OPTIONAL { ?node nkg:ground ?ground }
} ORDER BY ?link ?other LIMIT 100
"""
)

# Why accounts of several articles are one event: the words that tell it in each, with the ground.
JOINED = (
    _PREFIXES
    + """
SELECT DISTINCT ?source ?sourceWords ?target ?targetWords ?ground WHERE {
  VALUES ?thing {}
  ?thing nkg:trigger ?source .
  ?node a nkg:Relation ; nkg:source ?source ; nkg:linkProperty nkg:corefersWith ; nkg:target ?target ; nkg:ground ?ground .
  ?source nif:anchorOf ?sourceWords . ?target nif:anchorOf ?targetWords .
} ORDER BY ?source ?target LIMIT 100
"""
)

MENTIONS = (
    _PREFIXES
    + """
SELECT ?evidence ?words ?sentence ?confidence ?article ?headline ?published WHERE {
  VALUES ?thing {}
  ?evidence itsrdf:taIdentRef ?thing ; nif:anchorOf ?words ; nif:referenceContext/nif:sourceUrl ?article .
  OPTIONAL { ?evidence itsrdf:taConfidence ?confidence }
  OPTIONAL { ?evidence nif:sentence/nif:anchorOf ?sentence }
  OPTIONAL { ?article schema:headline ?headline }
  OPTIONAL { ?article schema:datePublished ?published }
} ORDER BY ?published ?article ?evidence LIMIT 300
"""
)

# The words of mentions, and the article of each.
MENTIONED_IN = (
    _PREFIXES
    + """
SELECT ?mention ?words ?article ?headline ?published ?publisherName WHERE {
  VALUES ?mention {}
  ?mention nif:anchorOf ?words ; nif:referenceContext/nif:sourceUrl ?article .
  OPTIONAL { ?article schema:headline ?headline }
  OPTIONAL { ?article schema:datePublished ?published }
  OPTIONAL { ?article schema:publisher/skos:prefLabel ?publisherName }
} ORDER BY ?mention
"""
)

ACCOUNTS = (
    _PREFIXES
    + """
SELECT ?article ?node ?property ?value ?name ?words WHERE {
  VALUES ?node {}
  GRAPH ?article { ?node ?property ?value }
  OPTIONAL { ?value skos:prefLabel|nkg:surface ?name }
  OPTIONAL { ?value nif:anchorOf ?words }
} ORDER BY ?article ?property ?value
"""
)

# A concise bounded description that includes the evidence: the thing, its geometry, what is said about it, and the
# sentences.
_ROLES = (
    "nkg:speaker|nkg:relayedBy|nkg:holder|nkg:organisation|"
    "sem:hasActor|sem:hasPlace|prov:wasAttributedTo|nkg:countsEvent"
)
DESCRIBE = (
    _PREFIXES
    + f"""
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ VALUES ?thing {{}} ?thing ?p ?o BIND(?thing AS ?s) }}
  UNION {{ VALUES ?thing {{}} ?thing geo:hasDefaultGeometry|prov:wasDerivedFrom ?s . ?s ?p ?o }}
  UNION {{ VALUES ?thing {{}} ?s {_ROLES} ?thing . ?s ?p ?o }}
  UNION {{ VALUES ?thing {{}} ?s nkg:source|nkg:target ?thing . ?s ?p ?o }}
  UNION {{ VALUES ?thing {{}} ?node {_ROLES} ?thing . ?node prov:wasDerivedFrom ?s . ?s ?p ?o }}
}}
"""
)

# What the graph says of the things in the rows of a query, and what the sentences among them support.
ROWS = (
    _PREFIXES
    + """
CONSTRUCT { ?s ?p ?o } WHERE {
  { VALUES ?thing {} ?thing ?p ?o BIND(?thing AS ?s) }
  UNION { VALUES ?thing {} ?s prov:wasDerivedFrom ?thing ; ?p ?o }
}
"""
)

TOLD = (
    _PREFIXES
    + """
SELECT ?thing ?evidence ?words WHERE {
  VALUES ?thing {}
  ?thing prov:wasDerivedFrom ?evidence . ?evidence nif:anchorOf ?words .
} ORDER BY ?thing ?evidence
"""
)

LAST_BUILD = _PREFIXES + "SELECT (MAX(?end) AS ?ended) WHERE { ?build a prov:Activity ; prov:endedAtTime ?end }"

# Sources, period and links: what the front page says is inside.
OUTLETS = (
    _PREFIXES
    + """
SELECT ?outlet ?name (COUNT(?article) AS ?articles) WHERE {
  ?article a schema:NewsArticle ; schema:publisher ?outlet .
  OPTIONAL { ?outlet skos:prefLabel ?name }
} GROUP BY ?outlet ?name ORDER BY DESC(?articles) ?name LIMIT 12
"""
)

PERIOD = (
    _PREFIXES
    + """
SELECT (MIN(STR(?day)) AS ?first) (MAX(STR(?day)) AS ?last) (COUNT(?article) AS ?dated) WHERE {
  ?article a schema:NewsArticle ; schema:datePublished ?day }
"""
)

COVERAGE = (
    _PREFIXES
    + """
SELECT ?class (COUNT(DISTINCT ?thing) AS ?linked) WHERE {
  VALUES ?class { schema:Person schema:Organization schema:Place nkg:Group }
  ?thing a ?class ; skos:exactMatch|skos:closeMatch ?item .
  FILTER(STRSTARTS(STR(?item), "http://www.wikidata.org/"))
} GROUP BY ?class
"""
)

# Suggestions for the forms of the saved queries: the most mentioned, reported or related first.
MENTIONED = (
    _PREFIXES
    + """
SELECT ?thing ?type ?name WHERE {
  { SELECT ?thing (COUNT(*) AS ?mentions) WHERE { ?mention itsrdf:taIdentRef ?thing } GROUP BY ?thing }
  ?thing a ?type ; skos:prefLabel ?name .
  FILTER(?type IN (schema:Person, schema:Organization, schema:Place, nkg:Group))
} ORDER BY DESC(?mentions) ?thing LIMIT 2000
"""
)

EVENT_NAMES = (
    _PREFIXES
    + """
SELECT ?thing (MIN(STR(?label)) AS ?name) (COUNT(DISTINCT ?article) AS ?articles) WHERE {
  GRAPH ?article { ?thing nkg:factuality ?factuality ; rdfs:label ?label }
} GROUP BY ?thing ORDER BY DESC(?articles) ?name ?thing LIMIT 150
"""
)

FIGURE_NAMES = (
    _PREFIXES
    + """
SELECT ?thing (CONCAT(STR(?words), " ", LCASE(STRAFTER(STR(?measure), "#"))) AS ?name) WHERE {
  ?thing nkg:surface ?words ; nkg:measure ?measure .
  FILTER EXISTS { ?thing nkg:updates|^nkg:updates|nkg:conflictsWith|^nkg:conflictsWith ?other }
} ORDER BY ?thing LIMIT 150
"""
)

EVENT_CLASSES = (
    _PREFIXES
    + """
SELECT ?thing (STRAFTER(STR(?thing), "#") AS ?name) (COUNT(DISTINCT ?event) AS ?events) WHERE {
  ?event nkg:factuality ?factuality ; a|nkg:eventType ?thing .
  FILTER(STRSTARTS(STR(?thing), STR(nkg:)) && ?thing != nkg:UnassertedEvent)
} GROUP BY ?thing ORDER BY DESC(?events) ?thing LIMIT 150
"""
)

# One name for each thing, the alphabetically first where articles differ.
LABELS = (
    _PREFIXES
    + """
SELECT ?thing (MIN(STR(?label)) AS ?name) WHERE {
  VALUES ?thing {}
  ?thing skos:prefLabel|schema:headline|rdfs:label ?label .
} GROUP BY ?thing
"""
)

OPENINGS = (
    _PREFIXES
    + """
SELECT ?article (SUBSTR(?text, 1, 600) AS ?opening) WHERE {
  VALUES ?article {}
  ?context a nif:Context ; nif:sourceUrl ?article ; nif:isString ?text .
}
"""
)

ARTICLES = (
    _PREFIXES
    + """
SELECT ?article ?headline ?published ?publisher ?publisherName ?file WHERE {
  VALUES ?article {}
  ?article a schema:NewsArticle ; dcterms:source ?file .
  OPTIONAL { ?article schema:headline ?headline }
  OPTIONAL { ?article schema:datePublished ?published }
  OPTIONAL { ?article schema:publisher ?publisher . OPTIONAL { ?publisher skos:prefLabel ?publisherName } }
} ORDER BY DESC(?published) ?article LIMIT 2000
"""
)

COUNTS = (
    _PREFIXES
    + """
SELECT ?class (COUNT(DISTINCT ?thing) AS ?count) WHERE {
  VALUES ?class { schema:NewsArticle schema:Person schema:Organization schema:Place nkg:Group sem:Event
                  nkg:UnassertedEvent nkg:Statement nkg:Figure nkg:Position }
  ?thing a ?class .
} GROUP BY ?class ORDER BY ?class
"""
)
