#include <brio/json/schema.hpp>

#include <limits>

#include <brio/base/text.hpp>
#include <brio/json/write.hpp>

namespace brio::json {

using detail::Kind;
using detail::Part;
using detail::Shape;

namespace {

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The identifiers of a compiler's type name, joined by dots; without their namespaces unless `qualified`:
/// `shop::Page<shop::Item>` is `Page.Item` or `shop.Page.shop.Item`.
std::string component_name(std::string_view type, bool qualified) {
    std::string name;
    std::size_t at = 0;
    while (at < type.size()) {
        if (type.substr(at).starts_with("(anonymous namespace)::")) {
            at += 23;
            continue;
        }
        std::size_t end = at;
        while (end < type.size() && is_name_character(type[end])) {
            ++end;
        }
        const bool is_namespace = type.substr(end).starts_with("::");
        if (end > at && (qualified || !is_namespace)) {
            name.append(name.empty() ? "" : ".").append(type.substr(at, end - at));
        }
        at = end > at ? end : at + 1;
    }
    return name;
}

class Object {
public:
    explicit Object(Buffer& out) : out_(out) { out_.push_back('{'); }
    Object(const Object&) = delete;
    ~Object() { out_.push_back('}'); }

    Buffer& key(std::string_view name) {
        if (!is_first_) {
            out_.push_back(',');
        }
        is_first_ = false;
        write_key(out_, name);
        return out_;
    }
    void text(std::string_view name, std::string_view value) { write_string(key(name), value); }
    void number(std::string_view name, std::uint64_t value) { write_unsigned(key(name), value); }
    void raw(std::string_view name, std::string_view json) { key(name).append(json); }

private:
    Buffer& out_;
    bool is_first_ = true;
};

void write_text_schema(Object& object, const Shape& shape) {
    object.text("type", "string");
    if (!shape.names.empty()) {
        write(object.key("enum"), shape.names);
    }
    if (shape.format == "byte") {
        object.text("contentEncoding", "base64");
    } else if (!shape.format.empty()) {
        object.text("format", shape.format);
    }
    if (shape.least > 0) {
        object.number("minLength", static_cast<std::uint64_t>(shape.least));
    }
    if (shape.most != 0 && shape.most != std::numeric_limits<std::uint64_t>::max()) {
        object.number("maxLength", shape.most);
    }
}

void write_integer_schema(Object& object, const Shape& shape) {
    object.text("type", "integer");
    object.text("format", shape.format);
    if (shape.least != std::numeric_limits<std::int64_t>::min()) {
        write_integer(object.key("minimum"), shape.least);
    }
    if (shape.most < static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        object.number("maximum", shape.most);
    }
}

void write_required(Object& object, const Shape& shape) {
    const std::uint64_t optional = shape.optional_parts();
    std::vector<std::string_view> required;
    for (std::size_t i = 0; i < shape.parts.size(); ++i) {
        if ((optional >> i & 1) == 0) {
            required.push_back(shape.parts[i].name);
        }
    }
    if (!required.empty()) {
        write(object.key("required"), required);
    }
}

void write_object_schema(SchemaSet& set, Object& object, const Shape& shape) {
    object.text("type", "object");
    {
        Object properties(object.key("properties"));
        for (const Part& part : shape.parts) {
            properties.raw(part.name, set.describe(*part.shape));
        }
    }
    write_required(object, shape);
    if (!shape.open) {
        object.raw("additionalProperties", "false");
    }
}

void write_parts(SchemaSet& set, Buffer& out, const Shape& shape) {
    char before = '[';
    for (const Part& part : shape.parts) {
        out.push_back(std::exchange(before, ','));
        out.append(set.describe(*part.shape));
    }
    out.append(before == '[' ? "[]" : "]");
}

void write_array_schema(SchemaSet& set, Object& object, const Shape& shape) {
    object.text("type", "array");
    if (shape.kind == Kind::tuple) {
        write_parts(set, object.key("prefixItems"), shape);
        object.raw("items", "false");
        object.number("minItems", shape.parts.size());
        return;
    }
    object.raw("items", set.describe(*shape.item));
    if (shape.kind == Kind::array) {
        object.number("minItems", shape.most);
        object.number("maxItems", shape.most);
    }
}

/// `{"type":"string"…}` with null: as a type array where there is a plain type, else one of two schemas.
std::string nullable(std::string schema) {
    constexpr std::string_view beginning = R"({"type":")";
    const auto end = schema.find('"', beginning.size());
    if (schema.starts_with(beginning) && schema.find(R"("enum":)") == std::string::npos) {
        const auto type = schema.substr(beginning.size(), end - beginning.size());
        return concat({R"({"type":[")", type, R"(","null"])", std::string_view(schema).substr(end + 1)});
    }
    if (schema == "{}") {
        return schema;
    }
    return concat({R"({"anyOf":[)", schema, R"(,{"type":"null"}]})"});
}

std::string text_of(SchemaSet& set, const Shape& shape) {
    Buffer out;
    {
        Object object(out);
        switch (shape.kind) {
            case Kind::boolean: object.text("type", "boolean"); break;
            case Kind::integer: write_integer_schema(object, shape); break;
            case Kind::number:
                object.text("type", "number");
                object.text("format", shape.format);
                break;
            case Kind::text: write_text_schema(object, shape); break;
            case Kind::list:
            case Kind::array:
            case Kind::tuple: write_array_schema(set, object, shape); break;
            case Kind::map:
                object.text("type", "object");
                object.raw("additionalProperties", set.describe(*shape.item));
                break;
            case Kind::object: write_object_schema(set, object, shape); break;
            case Kind::variant: write_parts(set, object.key("anyOf"), shape); break;
            case Kind::raw:
            case Kind::nullable:
            case Kind::wire: break;
        }
    }
    return std::string(out.view());
}

}  // namespace

std::string SchemaSet::name_for(const Shape& shape) const {
    std::string name = component_name(shape.type_name, false);
    if (!schemas_.contains(name)) {
        return name;
    }
    name = component_name(shape.type_name, true);
    std::string numbered = name;
    for (int i = 2; schemas_.contains(numbered); ++i) {
        numbered = concat({name, ".", integer_text(i)});
    }
    return numbered;
}

std::string SchemaSet::describe(const Shape& shape) {
    if (shape.kind == Kind::wire) {
        return describe(*shape.item);
    }
    if (shape.kind == Kind::nullable) {
        return nullable(describe(*shape.item));
    }
    if (shape.type_name.empty()) {
        return text_of(*this, shape);
    }
    const auto [place, is_new] = names_.try_emplace(&shape);
    if (is_new) {
        // The name is taken before the fields are described: one of them may hold the type again.
        const std::string name = place->second = name_for(shape);
        schemas_.try_emplace(name);
        schemas_[name] = text_of(*this, shape);
    }
    return concat({R"({"$ref":"#/components/schemas/)", names_[&shape], R"("})"});
}

void SchemaSet::add(std::string name, std::string schema) {
    schemas_.insert_or_assign(std::move(name), std::move(schema));
}

std::string_view SchemaSet::find(std::string_view name) const noexcept {
    const auto found = schemas_.find(name);
    return found == schemas_.end() ? std::string_view() : std::string_view(found->second);
}

std::string SchemaSet::components() const {
    Buffer out;
    {
        Object object(out);
        for (const auto& [name, schema] : schemas_) {
            object.raw(name, schema);
        }
    }
    return std::string(out.view());
}

}  // namespace brio::json
