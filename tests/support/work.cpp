#include "tests/support/work.hpp"

namespace teamflow::tests {

using commands::role;

scenario office() {
    scenario begun;
    const auto join = [&](events::user_id id, role role) {
        begun.given(events::member_added{the_organization, id, role, noon(), {}});
    };
    begun.given(events::organization_created{the_organization, "Acme", ann});
    join(ann, role::owner);
    join(adam, role::admin);
    join(bob, role::member);
    join(bea, role::member);
    join(vic, role::viewer);
    join(gone, role::member);
    begun.given(
        events::member_changed{the_organization, gone, role::member, false, role::member, true},
        events::project_created{site, "Site", "SITE", {}, {}},
        events::project_created{shop, "Shop", "SHOP", {}, {}},
        events::project_created{attic, "Attic", "ATTIC", {}, {}},
        events::project_archived{attic},
        events::project_created{ruin, "Ruin", "RUIN", {}, {}},
        events::project_deleted{ruin}
    );
    return begun.as(bob);
}

events::task_created task_in(events::task_id id, events::project_id project) {
    events::task_created created;
    created.task_id = id;
    created.project_id = project;
    created.title = "Write it";
    created.rank = "m" + std::string(1, static_cast<char>('a' + id.value.data[15] - 30)) + "i";
    return created;
}

scenario desk() {
    return office().given(task_in(page), task_in(menu));
}

events::timestamp at(std::string_view time_of_day) {
    return *events::parse_timestamp("2026-11-20T" + std::string(time_of_day) + "Z");
}

}  // namespace teamflow::tests
