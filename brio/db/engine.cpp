#include <brio/db/engine.hpp>

namespace brio::db {

void JsonRows::clear() noexcept {
    out.clear();
    rows = 0;
    more = false;
    last_key.clear();
    last_id = 0;
    ids.clear();
    splices.clear();
    ends.clear();
}

}  // namespace brio::db
