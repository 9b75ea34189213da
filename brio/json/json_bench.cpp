// One body of 120 bytes and a page of 20 rows, written and read.
#include <benchmark/benchmark.h>

#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/reflect/id.hpp>
#include <brio/reflect/text.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/version.hpp>

namespace brio {
namespace {

enum class Status { draft, active, archived };
struct User {
    Id<User> id;
    Text<254, 3> email;
    Text<120, 1> name;
};
struct NewResource {
    Text<120, 1> name;
    Text<2000> description;
    Status status = Status::draft;
    std::optional<Id<User>> owner_id;
    bool shared = false;
};
struct Row {
    Id<Row> id;
    Id<User> owner_id;
    Text<120, 1> name;
    Text<2000> description;
    Status status{};
    Timestamp created_at;
    Version version;
    User owner;
};
struct Page {
    std::vector<Row> items;
    std::int64_t total = 0;
    std::int32_t page = 1;
    std::int32_t page_size = 20;
    std::optional<std::string> next_cursor;
};

constexpr std::string_view body =
    R"({"name":"libsimdjson-dev","description":"Parsing gigabytes of JSON","status":"active",)"
    R"("owner_id":1234,"shared":true})";

Page make_page() {
    Page page{.items = {}, .total = 63'666, .next_cursor = std::nullopt};
    for (int i = 1; i <= 20; ++i) {
        page.items.push_back(
            {.id = Id<Row>(i * 3001),
             .owner_id = Id<User>(i),
             .name = Text<120, 1>("libsimdjson-dev"),
             .description = Text<2000>("Parsing gigabytes of JSON per second (development files)"),
             .status = Status::active,
             .created_at = Timestamp(1'795'411'043'123'456 + i),
             .version = Version(1),
             .owner = {Id<User>(i), Text<254, 3>("maintainers@example.org"),
                       Text<120, 1>("The maintainers")}});
    }
    return page;
}

void read_body(benchmark::State& state) {
    std::string_view text = body;
    for (auto _ : state) {
        benchmark::DoNotOptimize(text);
        auto read = json::read<NewResource>(text);
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(read_body);

void read_wrong_body(benchmark::State& state) {
    for (auto _ : state) {
        auto read = json::read<NewResource>(
            R"({"name":"","description":1,"status":"gone","owner_id":0,"other":true})");
        benchmark::DoNotOptimize(read);
    }
}
BENCHMARK(read_wrong_body);

void read_page(benchmark::State& state) {
    const std::string text = json::to_string(make_page());
    for (auto _ : state) {
        auto read = json::read<Page>(text);
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_page);

void write_page(benchmark::State& state) {
    const Page page = make_page();
    Buffer out(16'384);
    for (auto _ : state) {
        out.clear();
        json::write(out, page);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(write_page);

void write_long_string(benchmark::State& state) {
    const std::string text(4096, 'a');
    Buffer out(16'384);
    for (auto _ : state) {
        out.clear();
        json::write_string(out, text);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.iterations() * 4096);
}
BENCHMARK(write_long_string);

}  // namespace
}  // namespace brio
