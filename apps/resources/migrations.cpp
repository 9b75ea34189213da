#include "migrations.hpp"

#include <brio/db/idempotency.hpp>

namespace service {
namespace {

using namespace brio::db;

const Migration history[] = {
    {"0001_users_and_resources",
     up(create_table("users",
                     {{"id", column::id}, {"email", column::text(254)}, {"name", column::text(120)}}),
        create_table("resources", {{"id", column::id},
                                   {"owner_id", column::reference("users")},
                                   {"name", column::text(120)},
                                   {"description", column::text(2000)},
                                   {"status", column::text(16)},
                                   {"created_at", column::timestamp},
                                   {"version", column::version}})),
     down(drop_table("resources"), drop_table("users"))},
    {"0002_performance_indexes",
     up(create_index("idx_user_email", "users", {"email"}, unique),
        create_index("idx_resource_owner", "resources", {"owner_id", "created_at"}),
        create_index("idx_resource_status_created", "resources", {"status", "created_at"}),
        create_index("idx_resource_created", "resources", {"created_at", "id"})),
     down(drop_index("idx_resource_created"), drop_index("idx_resource_status_created"),
          drop_index("idx_resource_owner"), drop_index("idx_user_email"))},
    idempotency_migration("0003_idempotency_keys"),
    {"0004_summaries",
     up(create_table("summaries", {{"id", column::id},
                                   {"resource_id", column::reference("resources").on_delete_cascade()},
                                   {"owner_id", column::reference("users")},
                                   {"resources", column::integer},
                                   {"active", column::integer},
                                   {"archived", column::integer},
                                   {"mean_description", column::real},
                                   {"created_at", column::timestamp},
                                   {"version", column::version}}),
        create_index("idx_summary_resource", "summaries", {"resource_id"}, unique),
        create_index("idx_summary_created", "summaries", {"created_at"})),
     down(drop_table("summaries"))},
};

}  // namespace

const std::span<const Migration> migrations = history;

}  // namespace service
