// Scopes in the code of a handler.
#pragma once
#include <brio/runtime/async.hpp>

#include <string>

namespace notes {

using namespace brio;

struct Index {
    std::size_t words;
};
Async<Index> index_text(std::string text);

}  // namespace notes
