#pragma once
// The members of a model's document that are maps, or hold some: what is read one by one, and what
// the published schema is made from.

#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include "generation/model/model.hpp"

namespace teamflow::generation {

struct model_document {
    int schema = 0;
    generation::app app;
    std::optional<boost::json::value> enums;
    boost::json::value entities;
};
BOOST_DESCRIBE_STRUCT(model_document, (), (schema, app, enums, entities))

struct entity_document {
    boost::json::value fields;
    std::optional<std::string> description;
    std::optional<std::string> plural;
    std::optional<std::string> id;
    flag soft_delete;
    flag audit;
    flag versioned;
    std::optional<boost::json::value> relations;
    std::optional<std::vector<std::vector<std::string>>> indexes;
    std::optional<boost::json::value> checks;
    std::optional<generation::api> api;
};
BOOST_DESCRIBE_STRUCT(
    entity_document,
    (),
    (fields, description, plural, id, soft_delete, audit, versioned, relations, indexes, checks, api
    )
)

}  // namespace teamflow::generation
