# Sourced by the checks, at the repository's root.

# sources PATTERN…: our C files, one a line: what git knows or would add; in a tree without git, what lies there.
sources() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        for folder in src include tests fuzz bench examples; do
            for pattern in "$@"; do git ls-files --cached --others --exclude-standard -- "$folder/$pattern"; done
        done | sort -u | while IFS= read -r file; do [ ! -e "$file" ] || printf '%s\n' "$file"; done
    else
        for pattern in "$@"; do find src include tests fuzz bench examples -name "$pattern"; done | sort -u
    fi
}
