// A review as people and programs read it. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <brio/watch/review.hpp>

namespace brio::watch {

enum class ReviewFormat : std::uint8_t { html, markdown, json };
/// "html", "md", "json".
std::optional<ReviewFormat> review_format(std::string_view name) noexcept;
/// "html", "md", "json": a file's ending too.
std::string_view name_of(ReviewFormat format) noexcept;

std::string write_review(const Review& review, ReviewFormat format);

/// One file that needs nothing else: no script, no other host; light or dark as the reader's system is, and
/// made to be printed. Whatever comes from the program is escaped.
std::string write_html(const Review& review);
/// GitHub's Markdown, with tables. What comes from the program means nothing in it.
std::string write_markdown(const Review& review);

}  // namespace brio::watch
