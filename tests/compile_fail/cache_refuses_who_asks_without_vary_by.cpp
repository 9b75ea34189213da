// expect: the handler reads who asks
#include <brio/cache/cached.hpp>
#include <brio/http/bearer.hpp>
#include <brio/http/router.hpp>

struct Account {
    std::string sub;
};
std::string greet(brio::http::Bearer<Account> account) { return "hello " + account->sub; }

void routes(brio::http::Router& api) {
#ifdef MISTAKE
    api.get<"/hello">(brio::cached(std::chrono::seconds(60), greet));
#else
    api.get<"/hello">(brio::cached<brio::VaryBy::identity>(std::chrono::seconds(60), greet));
#endif
}
