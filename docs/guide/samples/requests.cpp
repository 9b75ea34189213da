#include "requests.hpp"

#include <variant>

#include <brio/http/problem.hpp>

namespace requests {

using namespace std::chrono_literals;

// [query]
enum class Order { newest, oldest };

struct Search {
    std::string words;             // required
    std::vector<std::string> tag;  // ?tag=a&tag=b; none is fine
    int page = 1;                  // a default: may be left out
    Order order = Order::newest;
    std::optional<bool> archived;
};
struct Found {
    std::string words;
    std::size_t tags;
    int page;
    Order order;
    std::optional<std::string> language;
};

Found search(http::Query<Search> query, http::Header<"Accept-Language", std::optional<std::string>> language,
             http::Cookie<"visits", std::optional<int>> visits) {
    auto const page = visits->value_or(0) > 1000 ? 1 : query->page;
    return {query->words, query->tag.size(), page, query->order, *language};
}
// [/query]

// [body]
struct Address {
    Text<200, 1> street;
    Text<10, 4> postcode;
};
struct NewParcel {
    Text<80, 1> to;
    Address address;
    std::vector<double> weights;  // kilograms
    std::optional<Timestamp> not_before;
};
struct Parcel {
    int id;
    double weight;
};

http::Created<Parcel> send_parcel(http::Body<NewParcel> body) {
    double weight = 0;
    for (auto const each : body->weights) {
        weight += each;
    }
    if (weight > 30) {
        throw http::invalid(http::In::body, "weights", "must be at most 30 kg together");
    }
    return {{.id = 7, .weight = weight}};
}
// [/body]

// [results]
std::optional<Parcel> find_parcel(http::Path<"id", int> id) {  // 404 without a value
    return *id == 7 ? std::optional(Parcel{7, 1.5}) : std::nullopt;
}
void forget_parcel(http::Path<"id", int>) {}                                             // 204
std::string label(http::Path<"id", int> id) { return "parcel " + std::to_string(*id); }  // text/plain
http::Redirect latest() { return {"/parcels/7"}; }                                       // 303
std::variant<Parcel, std::string> in_short(http::Path<"id", int> id, http::Request request) {
    if (request.query() == "short") {
        return std::to_string(*id);
    }
    return Parcel{*id, 1.5};
}
http::Response picture() {  // whatever else there is
    http::Response response(200);
    response.set_content_type("image/svg+xml").cache_control("public, max-age=86400");
    response.body.append(R"(<svg xmlns="http://www.w3.org/2000/svg"/>)");
    return response;
}
// [/results]

// [problem]
void collect_parcel(http::Path<"id", int> id) {
    if (*id != 7) {
        throw http::not_found("parcel");
    }
    throw http::conflict("already_collected", "the parcel was collected before; nothing was changed");
}
// [/problem]

Tenant who_am_i(Tenant tenant) { return tenant; }

// [middleware]
http::Middleware maintenance(const std::atomic<bool>& closed) {
    return {.name = "maintenance", .before = [&closed](http::Exchange& exchange) {
                if (closed && exchange.head.method() != http::Method::get) {
                    throw http::Problem({.status = 503,
                                         .code = "maintenance",
                                         .detail = "only reading is possible for a moment",
                                         .errors = {},
                                         .retry_after = 60s});
                }
                return false;  // true: the answer is made, do not call the handler
            }};
}
// [/middleware]

// [compose]
void compose(App& app, TenantDirectory& tenants, const std::atomic<bool>& closed) {
    app.use(http::measure(), http::deadlines(), http::cors({.origins = {"https://shop.example"}}),
            maintenance(closed))
        .service(tenants)
        .routes(routes);
}
// [/compose]

// [routes]
void routes(http::Router& api) {
    api.get<"/search">(search);
    api.post<"/parcels">(send_parcel, {.goal = 50ms, .body_limit = 4096, .summary = "Send a parcel"});
    api.get<"/parcels/latest">(latest);
    api.get<"/parcels/{id}">(find_parcel);
    api.del<"/parcels/{id}">(forget_parcel);
    api.post<"/parcels/{id}/collect">(collect_parcel);
    api.get<"/parcels/{id}/label">(label);
    api.get<"/parcels/{id}/short">(in_short);
    api.get<"/picture">(picture, {.in_openapi = false, .in_log = false});
    api.get<"/me">(who_am_i);
}
// [/routes]

}  // namespace requests
