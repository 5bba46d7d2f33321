#include "generation/options.hpp"

#include <string>
#include <utility>

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include "generation/view.hpp"

namespace teamflow::generation {

option_set options_of(const model& of, const composition& how) {
    option_set on;
    const bool production = how.mode == composition_mode::production;
    for (const auto& [each, wanted] : {
             std::pair(option::links, has_links(of)),
             std::pair(option::soft_delete, has_soft_delete(of)),
             std::pair(option::audit, has_audit(of)),
             std::pair(option::versioned, has_versions(of)),
             std::pair(option::jwt, of.app.auth.value == auth_kind::jwt),
             std::pair(option::enterprise, of.app.code_style.value == code_style::enterprise),
             std::pair(option::production, production),
             std::pair(option::tests, how.tests),
             std::pair(option::documentation, how.documentation),
             std::pair(option::sample_data, how.sample_data),
             std::pair(option::dockerfiles, how.dockerfiles),
             std::pair(option::cicd, how.cicd),
             std::pair(option::environment_configs, how.environment_configs),
         }) {
        if (wanted) {
            on.insert(each);
        }
    }
    return on;
}

void add_options(boost::json::object& view, const option_set& options) {
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<option>>([&](auto each) {
        view[std::string("with_") + each.name] = options.contains(each.value);
    });
}

}  // namespace teamflow::generation
