// Rows of cells as lines of a terminal.
#pragma once
#include <string>
#include <vector>

namespace brio {

/// Columns aligned, two spaces between; the last column is not padded. Of a cell's control characters, as an
/// error's text may have them from elsewhere, each is a space.
std::string table_text(std::vector<std::vector<std::string>> rows);

}  // namespace brio
