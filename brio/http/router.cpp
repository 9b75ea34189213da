#include <brio/http/router.hpp>

#include <brio/base/expect.hpp>
#include <brio/http/percent.hpp>

#include <xxhash.h>

#include <bit>

namespace brio::http {

// All routes of one pattern.
struct Router::Place {
    std::string pattern;
    std::array<Route*, method_count> by_method{};
    std::uint16_t allowed = 0;
};

struct Router::Node {
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
    std::unique_ptr<Node> parameter;
    Place* rest = nullptr;   // a {name...} here takes what is left
    Place* place = nullptr;  // a pattern ends here
};

Router::Router() : statics_(16), root_(std::make_unique<Node>()) {}
Router::~Router() = default;

Route& Router::add_endpoint(Method method, std::string_view pattern, Endpoint endpoint,
                            RouteOptions options) {
    expect(is_valid_pattern(pattern), "a route's pattern is '/' and segments that are text or {name}");
    auto& place = place_of(pattern);
    auto& slot = place.by_method[static_cast<std::size_t>(method)];
    expect(slot == nullptr, "a method and pattern have one route");
    auto& route = *routes_.emplace_back(std::make_unique<Route>());
    route.method = method;
    route.pattern = pattern;
    route.endpoint = std::move(endpoint);
    route.options = std::move(options);
    for (auto rest = pattern; !rest.empty();) {
        if (auto const segment = next_segment(rest); segment.is_parameter) {
            route.path_names.emplace_back(segment.text);
        }
    }
    slot = &route;
    place.allowed |= static_cast<std::uint16_t>(1U << static_cast<unsigned>(method));
    return route;
}

Router::Place& Router::place_of(std::string_view pattern) {
    for (auto const& place : places_) {
        if (place->pattern == pattern) {
            return *place;
        }
    }
    auto& place = *places_.emplace_back(std::make_unique<Place>());
    place.pattern = pattern;
    if (parameter_count(pattern) == 0) {
        index_static(place);
    }
    auto* node = root_.get();
    for (auto rest = pattern; !rest.empty();) {
        auto const segment = next_segment(rest);
        if (segment.takes_rest) {
            expect(node->rest == nullptr, "one {rest...} at one place");
            node->rest = &place;
            return place;
        }
        if (segment.is_parameter) {
            if (!node->parameter) {
                node->parameter = std::make_unique<Node>();
            }
            node = node->parameter.get();
            continue;
        }
        auto const found = std::ranges::find(node->literals, segment.text,
                                             [](auto& each) -> std::string_view { return each.first; });
        if (found != node->literals.end()) {
            node = found->second.get();
        } else {
            node = node->literals.emplace_back(segment.text, std::make_unique<Node>()).second.get();
        }
    }
    expect(node->place == nullptr, "two patterns that differ only in the names of their parameters are one");
    node->place = &place;
    return place;
}

void Router::index_static(Place& place) {
    std::size_t used = 1;
    for (auto const& slot : statics_) {
        used += slot.place != nullptr ? 1 : 0;
    }
    std::vector<StaticSlot> before;
    if (used * 2 > statics_.size()) {
        before = std::exchange(statics_, std::vector<StaticSlot>(statics_.size() * 2));
    }
    auto const insert = [this](StaticSlot added) {
        auto at = added.hash & (statics_.size() - 1);
        while (statics_[at].place != nullptr) {
            at = (at + 1) & (statics_.size() - 1);
        }
        statics_[at] = added;
    };
    for (auto const& slot : before) {
        if (slot.place != nullptr) {
            insert(slot);
        }
    }
    insert({XXH3_64bits(place.pattern.data(), place.pattern.size()), &place});
}

const Router::Place* Router::find_static(std::string_view path) const noexcept {
    auto const hash = XXH3_64bits(path.data(), path.size());
    for (auto at = hash & (statics_.size() - 1); statics_[at].place != nullptr;
         at = (at + 1) & (statics_.size() - 1)) {
        if (statics_[at].hash == hash && statics_[at].place->pattern == path) {
            return statics_[at].place;
        }
    }
    return nullptr;
}

namespace {

bool is_literal(std::string_view segment, std::string_view literal, bool encoded, Buffer& scratch) {
    if (!encoded) {
        return segment == literal;
    }
    scratch.clear();
    return percent_decode(segment, Plus::literal, scratch) == literal;
}

}  // namespace

const Router::Place* Router::find_in_trie(std::string_view path,
                                          std::array<std::string_view, most_path_values>& values) const {
    // Depth first, literals before parameters; `most_path_values` bounds the parameters and so the way back.
    struct Step {
        const Node* node;
        std::string_view rest;
        std::size_t value_count;
        std::string_view value = {};  // the last of the values, set when the step is taken
    };
    std::array<Step, 2 * most_path_values + 2> steps;
    std::size_t depth = 0;
    steps[depth++] = {root_.get(), path, 0};
    Buffer scratch;
    auto const encoded = path.find('%') != std::string_view::npos;
    const Place* rest_place = nullptr;
    std::array<std::string_view, most_path_values> rest_values{};
    while (depth > 0) {
        auto const step = steps[--depth];
        if (step.value_count > 0) {
            values[step.value_count - 1] = step.value;
        }
        if (step.rest.empty()) {
            if (step.node->place != nullptr) {
                return step.node->place;
            }
            continue;
        }
        auto rest = step.rest.substr(1);
        if (step.node->rest != nullptr && rest_place == nullptr && step.value_count < most_path_values) {
            rest_place = step.node->rest;
            rest_values = values;
            rest_values[step.value_count] = rest;
        }
        auto const end = std::min(rest.find('/'), rest.size());
        auto const segment = rest.substr(0, end);
        rest.remove_prefix(end);
        if (step.node->parameter && !segment.empty() && depth + 1 < steps.size()) {
            steps[depth++] = {step.node->parameter.get(), rest, step.value_count + 1, segment};
        }
        for (auto const& [literal, node] : step.node->literals) {
            if (depth < steps.size() && is_literal(segment, literal, encoded, scratch)) {
                steps[depth++] = {node.get(), rest, step.value_count, step.value};
                break;
            }
        }
    }
    if (rest_place != nullptr) {
        values = rest_values;
    }
    return rest_place;
}

Router::Match Router::find(Method method, std::string_view path,
                           std::array<std::string_view, most_path_values>& values) const {
    const Place* place = find_static(path);
    if (place == nullptr && path.starts_with('/')) {
        place = find_in_trie(path, values);
    }
    if (place == nullptr) {
        return {};
    }
    auto const* route = place->by_method[static_cast<std::size_t>(method)];
    if (route == nullptr && method == Method::head) {
        route = place->by_method[static_cast<std::size_t>(Method::get)];
    }
    auto const first = static_cast<std::size_t>(std::countr_zero(place->allowed));
    return {route, place->allowed, place->by_method[first]};
}

std::string allow_field(std::uint16_t allowed) {
    std::string field;
    auto const add = [&field](std::string_view name) {
        field.append(field.empty() ? "" : ", ").append(name);
    };
    for (unsigned i = 0; i < method_count; ++i) {
        auto const method = static_cast<Method>(i);
        auto const implied = method == Method::options || (method == Method::head && (allowed & 1U) != 0);
        if ((allowed >> i & 1U) != 0 || implied) {
            add(method_name(method));
        }
    }
    return field;
}

}  // namespace brio::http
