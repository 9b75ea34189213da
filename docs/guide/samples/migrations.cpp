// What the guide's chapter on migrations shows beside the programs' own.
#include "migrations.hpp"

namespace later {

// [later]
const Migration history[] = {
    {"0004_longer_notes",
     up(alter_column("purchases", "note",
                     {.from = column::text(200).optional(), .to = column::text(1000).optional()}),
        create_index("idx_purchase_open", "purchases", {"product_id"}).where("state = 'open'"),
        create_index("idx_customer_lower", "customers", {expression("lower(email)")}, unique)),
     down(drop_index("idx_customer_lower"), drop_index("idx_purchase_open"),
          alter_column("purchases", "note",
                       {.from = column::text(1000).optional(), .to = column::text(200).optional()}))},
    {"0005_no_stock",
     up(dangerous("no instance has read it since 2.1", drop_column("products", "stock")),
        raw("", "CREATE EXTENSION IF NOT EXISTS pg_trgm")),
     down(add_column("products", "stock", column::integer.by_default("0")))},
};
// [/later]

const std::span<const Migration> migrations = history;

}  // namespace later
