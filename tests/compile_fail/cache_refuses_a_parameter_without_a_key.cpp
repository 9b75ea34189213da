// expect: the cache does not know how this type stands in a key
#include <brio/cache/cached.hpp>
#include <brio/http/router.hpp>

class Tenant {
public:
    explicit Tenant(std::string name) : name_(std::move(name)) {}
    const std::string& name() const { return name_; }

private:
    std::string name_;
};
template <>
struct brio::http::Provide<Tenant> {
    static std::optional<Tenant> from(Exchange& exchange) {
        return Tenant(std::string(exchange.head.host()));
    }
};
#ifdef MISTAKE
#else
template <>
struct brio::cache::KeyPart<Tenant> {
    static void write(KeyWriter& key, const Tenant& tenant) { key.add(tenant.name()); }
};
#endif

std::string greet(Tenant tenant) { return "hello " + tenant.name(); }

void routes(brio::http::Router& api) { api.get<"/hello">(brio::cached(std::chrono::seconds(60), greet)); }
