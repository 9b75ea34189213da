#!/usr/bin/env python3
"""Writes bindings.hpp: one structured binding for each number of fields from 1 to 64."""
import pathlib
import textwrap

MOST = 64
HEAD = """\
// Structured bindings for aggregates of 1 to 64 fields. Written by generate_bindings.py beside it.
#pragma once
#include <cstddef>

// clang-format off
namespace brio::reflect::detail {

/// Calls `use` with a reference to each field of an aggregate that has exactly N of them.
template <std::size_t N>
struct Bindings;

template <> struct Bindings<0> { static constexpr decltype(auto) with(auto&, auto&& use) { return use(); } };
"""
TAIL = """
}  // namespace brio::reflect::detail
// clang-format on
"""


def statement(before, count, after):
    text = before + ", ".join(f"f{i}" for i in range(count)) + after
    return textwrap.fill(text, 108, initial_indent="    ", subsequent_indent="        ")


def binding(count):
    return "\n".join([f"template <> struct Bindings<{count}> {{ "
                      "static constexpr decltype(auto) with(auto& value, auto&& use) {",
                      statement("auto& [", count, "] = value;"),
                      statement("return use(", count, ");"), "} };"])


body = HEAD + "\n".join(binding(count) for count in range(1, MOST + 1)) + TAIL
pathlib.Path(__file__).with_name("bindings.hpp").write_text(body)
