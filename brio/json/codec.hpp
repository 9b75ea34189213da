// How a type of the user's own looks in JSON: specialise Codec<T>.
//
//     template <> struct brio::json::Codec<Money> {
//         using Wire = std::string;                                             // a type that json knows
//         static Wire to_wire(const Money& money);
//         static std::expected<Money, std::string> from_wire(Wire text);       // the error: "must be an
//         amount like 12.50 EUR"
//     };
//
// Read, written and described as Wire is. A type that is only written may instead give
// `static void write(Buffer& out, const T& value)` and `static std::string schema(SchemaSet& components)`.
#pragma once
#include <expected>
#include <string>

#include <brio/base/buffer.hpp>

namespace brio::json {

class SchemaSet;

template <class T>
struct Codec;

template <class T>
concept WritesItself = requires(Buffer& out, const T& value) { Codec<T>::write(out, value); };
template <class T>
concept DescribesItself = requires(SchemaSet& components) { Codec<T>::schema(components); };
template <class T>
concept HasWire = requires { typename Codec<T>::Wire; };
template <class T>
concept HasCodec = WritesItself<T> || HasWire<T>;

}  // namespace brio::json
