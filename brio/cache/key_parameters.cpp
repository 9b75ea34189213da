#include <brio/cache/key_parameters.hpp>

namespace brio::cache {

void KeyPart<http::Request>::write(KeyWriter& key, const http::Request& request) {
    key.tag('Q').add(request.target()).add(request.body());
}

namespace detail {

void write_list(KeyWriter& key, const ListNames& names, const sql::ListRequest& request) {
    key.tag('L').add(names.table).word('#', names.filters);
    key.add(names.sort).add(request.descending).add(request.total).add(request.page_size);
    if (request.cursor.empty()) {
        key.add(std::nullopt).add(request.page).add(request.skip).add(request.by_skip);
    } else {
        key.add(request.cursor);
    }
    key.add(request.filters).word('l', request.filter_values.size());
    Buffer values;
    request.filter_values.append_key(values);
    key.bytes('b', values.view());
}

}  // namespace detail
}  // namespace brio::cache
