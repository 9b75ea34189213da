// Pointers to members as compile-time names of columns and fields: &Resource::status is "status", the 4th
// field of Resource.
#pragma once
#include <cstddef>
#include <string_view>
#include <type_traits>

#include <brio/reflect/fields.hpp>

namespace brio::reflect {

namespace detail {
template <class>
struct Member;
template <class Owner, class Type>
struct Member<Type Owner::*> {
    using owner = Owner;
    using type = Type;
};
}  // namespace detail

template <auto P>
using member_owner_t = typename detail::Member<std::remove_cv_t<decltype(P)>>::owner;
template <auto P>
using member_type_t = typename detail::Member<std::remove_cv_t<decltype(P)>>::type;

template <auto P>
consteval std::string_view member_name() {
    static_assert(std::is_member_object_pointer_v<decltype(P)>, "member_name takes &Struct::field");
    return detail::argument_name<P>();
}

/// The member's place among the fields of its owner.
template <auto P>
consteval std::size_t member_index() {
    return field_index<member_owner_t<P>>(member_name<P>());
}

/// False, not an error, for members of different types.
template <auto A, auto B>
consteval bool same_member() {
    if constexpr (std::is_same_v<decltype(A), decltype(B)>) {
        return A == B;
    } else {
        return false;
    }
}

}  // namespace brio::reflect
