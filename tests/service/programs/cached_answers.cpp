// A program for tests of kept answers: one of each person's own, and one that takes its time to be made.
#include <brio/app/app.hpp>
#include <brio/cache/cached.hpp>
#include <brio/http/bearer.hpp>
#include <brio/http/parameters.hpp>
#include <brio/runtime/awaitables.hpp>

#include <atomic>
#include <cstdlib>

namespace {

using namespace brio;
using namespace std::chrono_literals;

constexpr std::size_t padding = 1500;  // so that answers are worth compressing

struct Account {
    std::string sub;
};
struct Profile {
    std::string sub;
    std::uint64_t made;  // the how-manieth answer that was made for anybody
    std::string padding;
};
struct Made {
    std::string of;
    std::uint64_t made;
};
struct Counts {
    std::uint64_t profiles;
    std::uint64_t slow;
};

std::atomic<std::uint64_t> profiles_made{0};
std::atomic<std::uint64_t> slow_made{0};

Profile profile_of(std::string who) { return {std::move(who), ++profiles_made, std::string(padding, 'x')}; }

Profile show_mine(http::Bearer<Account> account) { return profile_of(account->sub); }

// As many write it: the header as text.
Profile show_by_header(http::Header<"Authorization"> who) { return profile_of(*who); }

Async<Made> make_slowly(http::Path<"name", std::string> name) {
    auto const made = ++slow_made;
    co_await runtime::sleep_for(100ms);
    co_return Made{*name, made};
}

Counts show_counts() { return {profiles_made, slow_made}; }

void routes(http::Router& api) {
    api.get<"/mine">(cached<VaryBy::identity>(60s, show_mine));
    api.get<"/by-header">(cached<VaryBy::identity>(60s, show_by_header));
    api.get<"/slow/{name}">(cached(60s, make_slowly));
    api.get<"/counts">(show_counts);
}

}  // namespace

int main(int argc, char** argv) {
    auto const* secret = std::getenv("TOKEN_SECRET");
    http::TokenVerifier verifier({http::jwt::Key::hs256(secret != nullptr ? secret : "")},
                                 {.issuer = "https://login.example"});
    auto app = App("cached_answers");
    app.use(http::measure(), http::deadlines()).service(verifier).routes(routes);
    return app.run(argc, argv);
}
