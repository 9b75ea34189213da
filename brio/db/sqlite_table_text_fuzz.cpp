// Whatever is taken apart and put together again is taken apart to the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <brio/db/migrate.hpp>
#include <brio/db/sqlite_table_text.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace brio::db;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(sqlite::mentions(text, "name"));
    static_cast<void>(sqlite::first_name(text));
    sqlite::TableText once;
    try {
        once = sqlite::parse_table(text);
    } catch (const MigrationError&) {
        return 0;
    }
    const auto twice = sqlite::parse_table(once.statement("t"));
    if (twice.columns != once.columns || twice.constraints != once.constraints ||
        twice.ending != once.ending) {
        std::abort();
    }
    return 0;
}
