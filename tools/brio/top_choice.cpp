#include "top_choice.hpp"

#include <algorithm>
#include <utility>

namespace brio::tool {

namespace {

using Kind = Key::Kind;

constexpr std::pair<std::string_view, Kind> sequences[] = {
    {"\x1b[A", Kind::up},       {"\x1b[B", Kind::down},     {"\x1b[C", Kind::right},
    {"\x1b[D", Kind::left},     {"\x1bOA", Kind::up},       {"\x1bOB", Kind::down},
    {"\x1bOC", Kind::right},    {"\x1bOD", Kind::left},     {"\x1b[H", Kind::home},
    {"\x1b[F", Kind::end},      {"\x1bOH", Kind::home},     {"\x1bOF", Kind::end},
    {"\x1b[1~", Kind::home},    {"\x1b[4~", Kind::end},     {"\x1b[7~", Kind::home},
    {"\x1b[8~", Kind::end},     {"\x1b[5~", Kind::page_up}, {"\x1b[6~", Kind::page_down},
    {"\x1b[Z", Kind::back_tab},
};

// Of the sequence at the front: 0 when it is not whole. A CSI ends with a byte from @ on (ECMA-48 §5.4).
std::size_t sequence_length(std::string_view text) noexcept {
    if (text.size() < 2) {
        return 0;
    }
    if (text[1] == 'O') {
        return text.size() < 3 ? 0 : 3;
    }
    if (text[1] != '[') {
        return 1;
    }
    for (std::size_t i = 2; i < text.size(); ++i) {
        if (text[i] >= '@' && text[i] <= '~') {
            return i + 1;
        }
    }
    constexpr std::size_t longest = 32;
    return text.size() > longest ? text.size() : 0;
}

std::size_t character_length(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

std::optional<Key> key_of(std::string_view character) {
    switch (character.front()) {
        case '\r':
        case '\n': return Key{Kind::enter, {}};
        case '\t': return Key{Kind::tab, {}};
        case '\b':
        case '\x7f': return Key{Kind::backspace, {}};
        default: break;
    }
    const auto first = static_cast<unsigned char>(character.front());
    if (first < ' ') {
        return character.front() == '\x0c' ? std::optional(Key{Kind::text, "\x0c"}) : std::nullopt;
    }
    return Key{Kind::text, std::string(character)};
}

void turn_to(Choice& choice, Page page) {
    choice.page = page;
    choice.scrolled = 0;
    choice.shows_help = false;
}

void turn_by(Choice& choice, std::size_t steps) {
    turn_to(choice, static_cast<Page>((static_cast<std::size_t>(choice.page) + steps) % page_names.size()));
}

void type(Choice& choice, const Key& key) {
    choice.scrolled = 0;
    switch (key.kind) {
        case Kind::enter: choice.is_typing = false; return;
        case Kind::escape:
            choice.is_typing = false;
            choice.filter.clear();
            return;
        case Kind::backspace:
            while (!choice.filter.empty() &&
                   (static_cast<unsigned char>(choice.filter.back()) & 0xc0U) == 0x80) {
                choice.filter.pop_back();
            }
            if (!choice.filter.empty()) {
                choice.filter.pop_back();
            }
            return;
        case Kind::text:
            if (choice.filter.size() + key.text.size() <= Choice::most_filter && key.text != "\x0c") {
                choice.filter += key.text;
            }
            return;
        default: return;
    }
}

Act press_letter(Choice& choice, char letter, const Bounds& bounds) {
    switch (letter) {
        case 'q': return Act::quit;
        case 'p':
        case ' ': choice.is_paused = !choice.is_paused; return choice.is_paused ? Act::draw : Act::refresh;
        case 's': {
            const auto many = orders_of(choice.page).size();
            auto& order = choice.orders[static_cast<std::size_t>(choice.page)];
            order = static_cast<std::uint8_t>(many == 0 ? 0 : (order + 1U) % many);
            break;
        }
        case 'r': choice.is_reversed = !choice.is_reversed; break;
        case '/': choice.is_typing = true; break;
        case 'i': choice.process = (choice.process + 1) % (bounds.processes + 1); break;
        case '?':
        case 'h': choice.shows_help = !choice.shows_help; break;
        case 'j': choice.scrolled = std::min(choice.scrolled + 1, bounds.most_scrolled); break;
        case 'k': choice.scrolled -= choice.scrolled > 0 ? 1 : 0; break;
        case 'g': choice.scrolled = 0; break;
        case 'G': choice.scrolled = bounds.most_scrolled; break;
        case '\x0c': return Act::refresh;
        default:
            if (letter >= '1' && letter < static_cast<char>('1' + page_names.size())) {
                turn_to(choice, static_cast<Page>(letter - '1'));
            }
    }
    return Act::draw;
}

}  // namespace

std::optional<Page> page_named(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(page_names, name);
    return found == page_names.end() ? std::nullopt
                                     : std::optional(static_cast<Page>(found - page_names.begin()));
}

std::vector<std::string_view> orders_of(Page page) {
    switch (page) {
        case Page::overview:
        case Page::routes: return {"rate", "p99", "misses", "failed", "name"};
        case Page::queries: return {"time", "count", "mean", "p95", "name"};
        case Page::goals: return {"need", "name"};
        case Page::resources: return {"full", "refused", "name"};
        default: return {};
    }
}

std::string_view Choice::order() const {
    const auto all = orders_of(page);
    return all.empty() ? std::string_view() : all[orders[static_cast<std::size_t>(page)] % all.size()];
}

std::vector<Key> KeyReader::read(std::string_view bytes) {
    pending_ += bytes;
    std::vector<Key> keys;
    std::string_view rest = pending_;
    while (!rest.empty()) {
        const bool is_sequence = rest.front() == '\x1b';
        const auto length = is_sequence ? sequence_length(rest) : character_length(rest);
        if (length == 0 || length > rest.size()) {
            break;
        }
        const auto one = rest.substr(0, length);
        const auto* const found =
            std::ranges::find(sequences, one, [](const auto& each) { return each.first; });
        if (found != std::end(sequences)) {
            keys.push_back({found->second, {}});
        } else if (one == "\x1b") {
            keys.push_back({Kind::escape, {}});
        } else if (!is_sequence) {
            if (auto key = key_of(one)) {
                keys.push_back(std::move(*key));
            }
        }
        rest.remove_prefix(length);
    }
    pending_ = std::string(rest);
    return keys;
}

std::vector<Key> KeyReader::settle() {
    const bool is_escape = std::exchange(pending_, {}) == "\x1b";
    return is_escape ? std::vector<Key>{{Kind::escape, {}}} : std::vector<Key>();
}

Act press(Choice& choice, const Key& key, const Bounds& bounds) {
    if (choice.is_typing) {
        type(choice, key);
        return Act::draw;
    }
    const auto page = std::max<std::size_t>(bounds.lines, 2) - 1;
    switch (key.kind) {
        case Kind::text: return press_letter(choice, key.text.size() == 1 ? key.text.front() : '\0', bounds);
        case Kind::tab:
        case Kind::right: turn_by(choice, 1); break;
        case Kind::back_tab:
        case Kind::left: turn_by(choice, page_names.size() - 1); break;
        case Kind::down: choice.scrolled = std::min(choice.scrolled + 1, bounds.most_scrolled); break;
        case Kind::up: choice.scrolled -= choice.scrolled > 0 ? 1 : 0; break;
        case Kind::page_down: choice.scrolled = std::min(choice.scrolled + page, bounds.most_scrolled); break;
        case Kind::page_up: choice.scrolled -= std::min(choice.scrolled, page); break;
        case Kind::home: choice.scrolled = 0; break;
        case Kind::end: choice.scrolled = bounds.most_scrolled; break;
        case Kind::escape:
            choice.shows_help = false;
            choice.filter.clear();
            break;
        default: break;
    }
    return Act::draw;
}

}  // namespace brio::tool
