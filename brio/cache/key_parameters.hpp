// How handlers' parameters stand in a key: Path, Query, Header, Cookie, List, …; who asks; and what does not
// change the answer. Of header fields, cookies and claims keys do not show the values: some are credentials.
#pragma once
#include <cstddef>

#include <brio/base/text.hpp>
#include <brio/cache/key.hpp>
#include <brio/db/db.hpp>
#include <brio/http/bearer.hpp>
#include <brio/http/client.hpp>
#include <brio/http/offload.hpp>
#include <brio/http/parameters.hpp>
#include <brio/sql/listing.hpp>

namespace brio::cache {

/// Made from the request's target and nothing else, and never refused for who asks: what was made of the same
/// bytes before is the same again.
template <class T>
inline constexpr bool is_of_target_alone = [] {
    if constexpr (requires { KeyPart<T>::is_of_target_alone; }) {
        return KeyPart<T>::is_of_target_alone;
    } else {
        return false;
    }
}();

template <http::FixedText Name, class T>
struct KeyPart<http::Path<Name, T>> {
    static constexpr bool is_of_target_alone = true;
    static void write(KeyWriter& key, const http::Path<Name, T>& path) { key.tag('p').add(path.value); }
};
template <class T>
struct KeyPart<http::Query<T>> {
    static constexpr bool is_of_target_alone = true;
    static void write(KeyWriter& key, const http::Query<T>& query) { key.tag('q').add(query.value); }
};
template <http::FixedText Name, class T>
struct KeyPart<http::Header<Name, T>> {
    static constexpr bool is_identity = equal_ignoring_case(Name.view(), "Authorization") ||
                                        equal_ignoring_case(Name.view(), "Cookie") ||
                                        equal_ignoring_case(Name.view(), "Proxy-Authorization");
    static void write(KeyWriter& key, const http::Header<Name, T>& header) {
        key.tag('h').hidden(header.value);
    }
};
template <http::FixedText Name, class T>
struct KeyPart<http::Cookie<Name, T>> {
    static constexpr bool is_identity = true;
    static void write(KeyWriter& key, const http::Cookie<Name, T>& cookie) {
        key.tag('c').hidden(cookie.value);
    }
};
/// The claims that the handler sees, and no others.
template <class T, http::FixedText... Scopes>
struct KeyPart<http::Bearer<T, Scopes...>> {
    static constexpr bool is_identity = true;
    static void write(KeyWriter& key, const http::Bearer<T, Scopes...>& bearer) {
        key.tag('a').hidden(bearer.value);
    }
};
/// Its target and body alone: which header fields matter is what `vary_by` has to say, since a key of all of
/// them would never be asked for twice.
template <>
struct KeyPart<http::Request> {
    static constexpr bool is_identity = true;
    static void write(KeyWriter& key, const http::Request& request);
};
template <>
struct KeyPart<http::IfMatch> {
    static void write(KeyWriter& key, const http::IfMatch& condition) {
        key.tag('I').add(condition.given).add(condition.any).add(condition.versions);
    }
};

namespace detail {

/// A listing as a key names it: what `filters` and the sort column's number mean.
struct ListNames {
    std::string_view table;
    std::uint64_t filters;  // hash of their names, in order
    std::string_view sort;
};
void write_list(KeyWriter& key, const ListNames& names, const sql::ListRequest& request);

template <class L>
inline constexpr std::uint64_t filters_hash = [] {
    std::uint64_t hash = 0;
    for (const auto& filter : sql::detail::ListFilters<typename L::filter_columns>::filters) {
        hash =
            (hash ^ sql::stable_hash(filter.name)) * 0x9e3779b97f4a7c15 + static_cast<unsigned>(filter.kind);
    }
    return hash;
}();

}  // namespace detail

/// The request as it was understood: defaults filled in, sizes clamped, filters by value.
template <auto const& Spec>
struct KeyPart<sql::List<Spec>> {
    static constexpr bool is_of_target_alone = true;
    static void write(KeyWriter& key, const sql::List<Spec>& list) {
        using L = typename sql::List<Spec>::listing;
        detail::write_list(
            key,
            {.table = Spec.table.name, .filters = detail::filters_hash<L>, .sort = sql::sort_name<L>(list)},
            list);
    }
};

// Services: what they give is either noted as a dependency (Db) or the handler's own concern.
namespace detail {
template <class T>
struct ServicePart : NoKeyPart<T> {
    static constexpr bool is_of_target_alone = true;
};
}  // namespace detail
template <>
struct KeyPart<db::Db> : detail::ServicePart<db::Db> {};
template <>
struct KeyPart<http::Outbound> : detail::ServicePart<http::Outbound> {};
template <>
struct KeyPart<http::Offload> : detail::ServicePart<http::Offload> {};

}  // namespace brio::cache
