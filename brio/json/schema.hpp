// JSON Schema 2020-12, as OpenAPI 3.1 uses it, from the same types that read.hpp reads and write.hpp writes.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include <brio/base/buffer.hpp>
#include <brio/json/codec.hpp>
#include <brio/json/shape.hpp>

namespace brio::json {

/// The named schemas of one document: structs and enumerations, each once. Not thread-safe.
class SchemaSet {
public:
    /// `{"Resource":{…},"Status":{…}}`, sorted by name.
    std::string components() const;
    /// The schema of one component, empty when there is none.
    std::string_view find(std::string_view name) const noexcept;
    std::size_t size() const noexcept { return schemas_.size(); }

    /// Puts a schema of the caller's own under a name (as in #/components/schemas/Problem).
    void add(std::string name, std::string schema);

    /// The schema of a shape: `{"$ref":"#/components/schemas/Resource"}` for structs and enumerations, which
    /// are added at their first use; else written in place. Two types of one name: the later is named with
    /// its namespace (`shop.Resource`), if that is taken too with a number behind it.
    std::string describe(const detail::Shape& shape);

private:
    std::string name_for(const detail::Shape& shape) const;

    std::map<const detail::Shape*, std::string> names_;
    std::map<std::string, std::string, std::less<>> schemas_;
};

/// Fields that is_required names are in `required`; objects are closed (`additionalProperties: false`) unless
/// the struct is open; std::optional adds null; limits of Text, ranges of integers, enumerators and formats
/// are there.
template <class T>
std::string schema_of(SchemaSet& components) {
    if constexpr (DescribesItself<T>) {
        return Codec<T>::schema(components);
    } else {
        return components.describe(detail::shape<T>);
    }
}

}  // namespace brio::json
