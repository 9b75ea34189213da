// expect: clients choose the keys, and can choose them to collide: read into std::map
#include <map>
#include <string>
#include <unordered_map>

#include <brio/json/read.hpp>

struct Body {
#ifdef MISTAKE
    std::unordered_map<std::string, int> counts;
#else
    std::map<std::string, int> counts;
#endif
};

auto read(std::string_view text) { return brio::json::read<Body>(text); }
