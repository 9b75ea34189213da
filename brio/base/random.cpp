#include <brio/base/random.hpp>

#include <sys/random.h>
#include <bit>
#include <cerrno>
#include <system_error>

namespace brio {

Random::Random(std::uint64_t seed) noexcept {
    // splitmix64, as the authors of xoshiro advise for seeding
    for (std::uint64_t& word : state_) {
        seed += 0x9e37'79b9'7f4a'7c15;
        std::uint64_t mixed = seed;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11eb;
        word = mixed ^ (mixed >> 31);
    }
}

Random Random::from_system() {
    Random random;
    do {
        random_bytes(std::as_writable_bytes(std::span(random.state_)));
    } while (random.state_ == std::array<std::uint64_t, 4>{});  // the one state that never changes
    return random;
}

Random::result_type Random::operator()() noexcept {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::uint64_t Random::below(std::uint64_t bound) noexcept {
    // Lemire, "Fast random integer generation in an interval"
    auto product = static_cast<unsigned __int128>((*this)()) * bound;
    auto low = static_cast<std::uint64_t>(product);
    if (low < bound) {
        const std::uint64_t least = (0 - bound) % bound;
        while (low < least) {
            product = static_cast<unsigned __int128>((*this)()) * bound;
            low = static_cast<std::uint64_t>(product);
        }
    }
    return static_cast<std::uint64_t>(product >> 64);
}

double Random::uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

Random& thread_random() {
    thread_local Random random = Random::from_system();
    return random;
}

void random_bytes(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
        if (got < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "reading random bytes from the system");
        }
        if (got > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(got));
        }
    }
}

}  // namespace brio
