// What may stand under a key of a shared cache: nothing that open() believes is anything but what seal()
// would write again, and what decode() takes is what encode() gives.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <xxhash.h>

#include <brio/cache/codec.hpp>
#include <brio/cache/envelope.hpp>

namespace {

using namespace brio;
using namespace brio::cache;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

enum class State { open, paid };
struct Part {
    Text<20> name;
    std::optional<Decimal<8, 2>> price;
    std::array<bool, 2> flags;
};
struct Whole {
    Id<Whole> id;
    State state;
    double weight;
    std::vector<Part> parts;
    std::map<std::string, std::vector<std::int16_t>> more;
    std::variant<int, std::string> either;
    Bytes data;
    json::Raw raw;
    Uuid uuid;
    std::vector<Whole> within;
};

void try_to_decode(std::string_view bytes) {
    if (const auto value = decode<Whole>(bytes)) {
        Buffer again;
        encode(again, *value);
        const auto same = decode<Whole>(again.view());
        check(same.has_value());
        Buffer once_more;
        encode(once_more, *same);
        check(once_more.view() == again.view());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try_to_decode(text);
    std::string bytes(text);
    if (bytes.size() > 32) {  // past the checksum, which no mutation would guess
        const std::uint64_t length = bytes.size();
        const std::uint64_t sum = XXH3_64bits(bytes.data() + 32, bytes.size() - 32);
        std::memcpy(bytes.data() + 16, &length, sizeof length);
        std::memcpy(bytes.data() + 24, &sum, sizeof sum);
    }
    constexpr Expected expected{.type = 0x3131313131313131, .key = "key"};
    for (const std::string_view each : {text, std::string_view(bytes)}) {
        if (const auto opened = open(each, expected)) {
            check(seal(*opened) == each);
            try_to_decode(opened->payload);
        }
    }
    return 0;
}
