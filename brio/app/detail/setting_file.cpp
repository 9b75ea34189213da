// toml++ is private to this file.
#include <brio/app/detail/setting_table.hpp>

#include <sstream>

#include <brio/base/text.hpp>

#include <toml++/toml.h>

namespace brio::app::detail {
namespace {

std::string text_of(const toml::node& node) {
    if (auto const* text = node.as_string()) {
        return text->get();
    }
    if (auto const* number = node.as_integer()) {
        return integer_text(number->get());
    }
    std::ostringstream written;  // as it stands there: a boolean, a date or an array is no setting's value
    node.visit([&](auto const& value) { written << value; });
    return std::move(written).str();
}

}  // namespace

FileText read_file_text(std::string_view toml) {
    auto const parsed = toml::parse(toml, std::string_view("brio.toml"));
    if (!parsed) {
        auto const where = parsed.error().source().begin;
        return {.error = concat({"brio.toml, line ", integer_text(where.line), ", column ",
                                 integer_text(where.column), ": ", parsed.error().description()})};
    }
    FileText read;
    for (auto const& [key, node] : parsed.table()) {
        read.entries.emplace_back(std::string(key.str()), text_of(node));
    }
    return read;
}

}  // namespace brio::app::detail
