#include <brio/ledger/dependencies.hpp>

namespace brio::ledger {

std::string_view name_of(Unkept reason) noexcept {
    switch (reason) {
        case Unkept::none: return "none";
        case Unkept::wrote: return "wrote";
        case Unkept::transaction: return "transaction";
        case Unkept::unsettled: return "unsettled";
        case Unkept::moved: return "moved";
        case Unkept::too_many: return "too_many";
    }
    return "unknown";
}

}  // namespace brio::ledger
