// The package index of the Debian system that the program runs on.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace service {

struct Package {
    std::string name;
    std::string maintainer;  // "Name <address>"
    std::string section;
    std::string description;
};

/// The paragraphs of `apt-cache dumpavail`, at most `most`; fields as deb-control(5) has them, a continued
/// field joined by blanks.
std::vector<Package> parse_packages(std::string_view text, std::size_t most);

/// Empty where there is no apt or no index.
std::vector<Package> installed_index(std::size_t most);

struct Maintainer {
    std::string name;
    std::string address;
};
/// An address is made from the name where there is none.
Maintainer parse_maintainer(std::string_view text);

}  // namespace service
