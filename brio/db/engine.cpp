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

Async<std::string> Engine::explain(const Query&) { co_return std::string(); }
Async<std::string> Engine::explain_with(const Query&, std::string) { co_return std::string(); }

}  // namespace brio::db
