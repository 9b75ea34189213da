// expect: two alternatives of a std::variant are the same kind of JSON
#include <string>
#include <variant>

#include <brio/json/read.hpp>

struct Body {
#ifdef MISTAKE
    std::variant<int, long> value;
#else
    std::variant<int, std::string> value;
#endif
};

auto read(std::string_view text) { return brio::json::read<Body>(text); }
