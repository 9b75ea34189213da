// Scopes in the code of a handler.
#include "profiling.hpp"

#include <brio/runtime/awaitables.hpp>
#include <brio/runtime/profile.hpp>

namespace notes {

namespace {

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find(' ', at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

}  // namespace

// [scope]
Async<Index> index_text(std::string text) {
    auto scope = brio::profile("index_text");
    std::vector<std::string> words;
    {
        auto splitting = brio::profile("split");
        words = split(text);
    }
    co_await runtime::sleep_for(std::chrono::milliseconds(1));  // index_text rests: others run
    co_return Index{words.size()};
}
// [/scope]

}  // namespace notes
