// Which route answers a method and a path.
//
// Filled before the server starts, read by all its threads after. A static path is one hash look-up; others
// walk a trie of segments, a literal before a parameter before a rest. Paths come encoded, as parse_head()
// leaves them: segments are compared decoded.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <brio/http/exchange.hpp>
#include <brio/http/handler.hpp>
#include <brio/http/pattern.hpp>
#include <brio/http/route.hpp>

namespace brio::http {

class Router {
public:
    Router();
    ~Router();
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    /// The handler's Path<"name", T> parameters must be the pattern's {names}. Two routes of one method and
    /// pattern stop the program.
    template <FixedText Pattern, class Handler>
    Route& get(Handler handler, RouteOptions options = {}) {
        return add<Pattern>(Method::get, std::move(handler), std::move(options));
    }
    template <FixedText Pattern, class Handler>
    Route& post(Handler handler, RouteOptions options = {}) {
        return add<Pattern>(Method::post, std::move(handler), std::move(options));
    }
    template <FixedText Pattern, class Handler>
    Route& put(Handler handler, RouteOptions options = {}) {
        return add<Pattern>(Method::put, std::move(handler), std::move(options));
    }
    template <FixedText Pattern, class Handler>
    Route& patch(Handler handler, RouteOptions options = {}) {
        return add<Pattern>(Method::patch, std::move(handler), std::move(options));
    }
    template <FixedText Pattern, class Handler>
    Route& del(Handler handler, RouteOptions options = {}) {
        return add<Pattern>(Method::del, std::move(handler), std::move(options));
    }
    template <FixedText Pattern, class Handler>
    Route& add(Method method, Handler handler, RouteOptions options = {}) {
        static_assert(is_valid_pattern(Pattern.view()),
                      "a route's pattern is '/' and segments that are text or {name}");
        static_assert(parameter_count(Pattern.view()) <= most_path_values,
                      "a pattern has at most eight {names}");
        static_assert(path_parameters_match<Handler>(Pattern.view()),
                      "the {names} in the route are not the handler's Path<\"name\", T> parameters");
        if constexpr (requires { HandlerAdapter<Handler>::check(method); }) {
            HandlerAdapter<Handler>::check(method);
        }
        return add_endpoint(method, Pattern.view(), make_endpoint(std::move(handler)), std::move(options));
    }
    /// For patterns known only at run time, as those of static files.
    Route& add_endpoint(Method method, std::string_view pattern, Endpoint endpoint,
                        RouteOptions options = {});

    struct Match {
        const Route* route = nullptr;
        std::uint16_t allowed = 0;  // the methods that the path knows, a bit each; 0: no such path
        const Route* any_of_path =
            nullptr;  // some route of the path, for its pattern, when the method has none
    };
    /// Fills `values` with the path's parameters, still encoded. HEAD finds GET's route.
    Match find(Method method, std::string_view path,
               std::array<std::string_view, most_path_values>& values) const;

    /// Every route in the order of registration.
    const std::vector<std::unique_ptr<Route>>& routes() const noexcept { return routes_; }

private:
    struct Place;
    struct Node;
    struct StaticSlot {
        std::uint64_t hash = 0;
        Place* place = nullptr;
    };
    Place& place_of(std::string_view pattern);
    void index_static(Place& place);
    const Place* find_static(std::string_view path) const noexcept;
    const Place* find_in_trie(std::string_view path,
                              std::array<std::string_view, most_path_values>& values) const;

    std::vector<std::unique_ptr<Route>> routes_;
    std::vector<std::unique_ptr<Place>> places_;
    std::vector<StaticSlot> statics_;
    std::unique_ptr<Node> root_;
};

/// "GET, HEAD, OPTIONS" of a Match's methods: HEAD wherever GET is, OPTIONS always.
std::string allow_field(std::uint16_t allowed);

}  // namespace brio::http
