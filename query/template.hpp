#pragma once
// Reads task templates.

#include <cstdint>
#include <optional>

#include <boost/describe/class.hpp>

#include "commands/template.hpp"
#include "query/paging.hpp"

namespace teamflow::query {

/// Active templates only, unless inactive ones are asked for.
struct template_filter : page_request {
    std::optional<commands::template_category> category;
    events::json::defaulted<bool, false> include_inactive;
};
BOOST_DESCRIBE_STRUCT(template_filter, (page_request), (category, include_inactive))

/// Templates of an organization by name.
infra::task<std::expected<page<commands::template_resource>, events::json::problems>> templates(
    infra::postgres::pool& database,
    events::organization_id organization,
    const template_filter& asked
);

/// A template and the version of its stream.
struct template_found {
    commands::template_resource resource;
    std::int64_t version = 0;
};

/// One template, active or not; nullopt also for another organization's.
infra::task<std::optional<template_found>> find_template(
    infra::postgres::pool& database, events::organization_id organization, events::template_id id
);

}  // namespace teamflow::query
