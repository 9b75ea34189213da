#include "package_index.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

namespace service {
namespace {

void take_line(Package& package, std::string_view line, std::string*& field) {
    if (line.starts_with(' ')) {  // goes on with the field before
        if (field != nullptr) {
            field->append(line);
        }
        return;
    }
    auto const colon = line.find(": ");
    auto const name = line.substr(0, colon);
    field = name == "Package"                                           ? &package.name
            : name == "Maintainer"                                      ? &package.maintainer
            : name == "Section"                                         ? &package.section
            : name.starts_with("Description") && !name.ends_with("md5") ? &package.description
                                                                        : nullptr;
    if (field != nullptr && colon != std::string_view::npos) {
        field->assign(line.substr(colon + 2));
    }
}

}  // namespace

std::vector<Package> parse_packages(std::string_view text, std::size_t most) {
    std::vector<Package> packages;
    Package package;
    std::string* field = nullptr;
    auto const end_paragraph = [&] {
        if (!package.name.empty() && !package.maintainer.empty() && packages.size() < most) {
            packages.push_back(std::move(package));
        }
        package = {};
        field = nullptr;
    };
    while (!text.empty() && packages.size() < most) {
        auto const end = std::min(text.find('\n'), text.size());
        auto const line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line.empty() ? end_paragraph() : take_line(package, line, field);
    }
    end_paragraph();
    return packages;
}

std::vector<Package> installed_index(std::size_t most) {
    std::unique_ptr<FILE, int (*)(FILE*)> const pipe(::popen("apt-cache dumpavail 2>/dev/null", "r"),
                                                     &::pclose);
    std::string text;
    std::array<char, 65536> bytes;
    while (pipe != nullptr) {
        auto const size = std::fread(bytes.data(), 1, bytes.size(), pipe.get());
        if (size == 0) {
            break;
        }
        text.append(bytes.data(), size);
    }
    return parse_packages(text, most);
}

Maintainer parse_maintainer(std::string_view text) {
    auto const open = text.rfind('<');
    auto const close = text.rfind('>');
    if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
        auto name = text.substr(0, open);
        while (name.ends_with(' ') || name.ends_with('"')) {
            name.remove_suffix(1);
        }
        while (name.starts_with(' ') || name.starts_with('"')) {
            name.remove_prefix(1);
        }
        return {std::string(name.empty() ? text.substr(open + 1, close - open - 1) : name),
                std::string(text.substr(open + 1, close - open - 1))};
    }
    std::string address;
    for (char const byte : text) {
        address.push_back((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ? byte : '-');
    }
    return {std::string(text), address + "@invalid"};
}

}  // namespace service
