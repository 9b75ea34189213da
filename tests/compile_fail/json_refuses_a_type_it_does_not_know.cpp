// expect: json does not know this type: make it an aggregate, or specialise brio::json::Codec for it
#include <brio/json/read.hpp>

class Opaque {
#ifdef MISTAKE
    int inner = 0;
#else
public:
    int inner = 0;
#endif
};
struct Body {
    Opaque opaque;
};

auto read(std::string_view text) { return brio::json::read<Body>(text); }
