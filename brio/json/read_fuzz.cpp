// Whatever reads must write, and read again to the same; and any JSON is taken exactly when simdjson's DOM
// parser takes it.
#include <map>
#include <variant>

#include <simdjson.h>

#include <brio/base/expect.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>

namespace {

using namespace brio;

enum class Status { draft, active, archived };
struct Leaf {
    std::optional<std::int64_t> i;
    std::optional<std::uint8_t> b;
    std::optional<double> d;
    std::optional<std::string> s;
    std::optional<Text<5, 1>> t;
    std::optional<Status> e;
    std::optional<Timestamp> at;
    std::optional<Date> day;
    std::optional<Uuid> u;
    std::optional<Bytes> x;
    std::optional<Id<Leaf>> id;
    std::optional<json::Raw> raw;
    bool flag = false;
};
struct Tree {
    std::vector<Tree> c;
    std::map<std::string, Leaf> m;
    std::variant<std::int64_t, double, std::string, bool, std::vector<int>, Leaf> v;
    std::optional<std::tuple<int, std::array<bool, 2>>> p;
    static constexpr std::array<std::string_view, 1> optional_fields{"v"};
};
struct Open {
    int known = 0;
    static constexpr bool open_object = true;
};

template <class T>
void check_round_trip(std::string_view text) {
    const auto value = json::read<T>(text);
    if (!value) {
        using Kind = json::ReadError::Kind;
        expect((value.error().kind == Kind::invalid) == !value.error().fields.empty(),
               "invalid has errors of fields, others none");
        for (const auto& field : value.error().fields) {
            expect(json::read<std::string>(json::to_string(field.path)) == field.path,
                   "paths are well-formed UTF-8");
        }
        return;
    }
    const auto written = json::to_string(*value);
    const auto again = json::read<T>(written, {.bytes = SIZE_MAX});
    expect(again.has_value(), "what was written reads again");
    expect(json::to_string(*again) == written, "the value is the same after a round trip");
}

/// What simdjson refuses and RFC 8259 allows: numbers beyond 64 bits or the range of double, and more depth.
bool is_judged_alike(simdjson::error_code error) {
    return error != simdjson::NUMBER_ERROR && error != simdjson::DEPTH_ERROR;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check_round_trip<Leaf>(text);
    check_round_trip<Tree>(text);
    check_round_trip<Open>(text);
    check_round_trip<json::Raw>(text);
    check_round_trip<std::vector<std::variant<double, std::string, bool>>>(text);

    static simdjson::dom::parser parser;
    const auto judged = parser.parse(text).error();
    if (is_judged_alike(judged)) {
        const auto raw = json::read<json::Raw>(text, {.depth = 1024});
        expect(raw.has_value() == (judged == simdjson::SUCCESS),
               "any JSON is taken exactly when simdjson takes it");
    }
    return 0;
}
