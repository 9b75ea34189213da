#include <brio/metrics/shard.hpp>

#include <brio/base/clock.hpp>
#include <brio/metrics/detail/exemplar_cells.hpp>

#include <sys/mman.h>
#include <new>

namespace brio::metrics {

Shard::Shard(const Edges& edges, Shape shape) : shared_(shape.shared), reserved_(shape.cells), edges_(edges) {
    void* cells = ::mmap(nullptr, std::size_t{reserved_} * sizeof(Cell), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (cells == MAP_FAILED) {
        throw std::bad_alloc();
    }
    cells_ = static_cast<Cell*>(cells);  // zeroed pages are atomics that hold zero
}

Shard::~Shard() { ::munmap(cells_, std::size_t{reserved_} * sizeof(Cell)); }

void Histogram::observe(Shard& shard, std::uint64_t ns, TraceId trace) const noexcept {
    observe(shard, ns);
    if (exemplars_ == 0 || shard.shared() || (trace.high | trace.low) == 0) {
        return;
    }
    const std::uint32_t quarter = detail::exemplar_group(shard.edges(), ns);
    detail::write_exemplar(shard, exemplars_ + quarter * detail::exemplar_cells,
                           {trace, ns, wall_now().time_since_epoch().count()});
}

}  // namespace brio::metrics
