# Makes a source of a table of supported members: it compiles only if all of them exist.
#
#   awk -f compile.awk atomic.txt >atomic_table.cpp
#
# A member is named by a using-declaration in a class derived from its own, which works for overloads and operators too.

BEGIN {
    FS = " [|]( |$)"
    concrete["atomic<T>"] = "atomic<int>"
    concrete["atomic<T*>"] = "atomic<int*>"
    concrete["atomic<floating>"] = "atomic<double>"
    concrete["atomic<shared_ptr<T>>"] = "atomic<std::shared_ptr<int>>"
    concrete["atomic<weak_ptr<T>>"] = "atomic<std::weak_ptr<int>>"
    concrete["atomic_ref<T>"] = "atomic_ref<int>"
    print "#include <cppvaldi/cppvaldi.hpp>\n#include <memory>\n#include <type_traits>\nnamespace {"
}

/^#/ || NF == 0 { next }
NF < 2 || $2 !~ /^(same|differs|missing)$/ { print "#error \"" FILENAME ":" FNR ": not a row: " $0 "\""; next }
$2 == "differs" && $3 == "" { print "#error \"" FILENAME ":" FNR ": what differs?\""; next }
$2 == "missing" { next }

{
    print "#line " FNR " \"" FILENAME "\""
    ++row
    if (match($1, /::[^:]*$/) && $1 !~ /^std::/) {
        type = substr($1, 1, RSTART - 1)
        member = substr($1, RSTART + 2)
        type = "cppvaldi::" (type in concrete ? concrete[type] : type)
        value = type ~ /_ref</ ? "int&" : "typename " type "::value_type"
        if (member == "(default constructor)") print "static_assert(std::is_default_constructible_v<" type ">);"
        else if (member == "(constructor from a value)") print "static_assert(std::is_constructible_v<" type ", " value ">);"
        else if (member == "(constructor from nullptr)") print "static_assert(std::is_constructible_v<" type ", std::nullptr_t>);"
        else if (member == "operator T") print "static_assert(std::is_convertible_v<const " type "&, " type "::value_type>);"
        else print "struct row_" row " : " type " { using " type "::" member "; };"
    } else if ($1 ~ /^[A-Z_0-9]+$/) {
        print "#ifndef " $1 "\n#error \"" $1 " is not defined\"\n#endif"
    } else {
        print "namespace row_" row " { using cppvaldi::" $1 "; }"
    }
}

END { print "} // namespace" }
