# SPDX-License-Identifier: MIT
# llama.cpp's Vulkan backend on Weft must write the same tokens as its CPU backend: a small model with
# random weights (make_model.py), at half precision and quantised. Debian has llama.cpp in sid only, so it runs
# in a sid tree: $PEERS/sid if that is there, or else one that is made under the build folder.
. "$here/common.sh"
[ "$(id -u)" = 0 ] || skip "a Debian sid tree needs root"

sid=${PEERS:-$HOME/.cache/weft-peers}/sid
mounted=()
finish() {
    local at
    for at in "${mounted[@]}"; do umount "$at" || true; done
    rm -rf "$sid/opt/weft"
}
if [ ! -e "$sid/usr/bin/llama-completion" ]; then
    sid=$work/sid
    if [ ! -e "$sid/usr/bin/llama-completion" ]; then
        need_packages debootstrap
        mirror=$(apt-get indextargets --format '$(SITE) $(LABEL)' 'Created-By: Packages' |
            awk '$2 == "Debian" { print $1; exit }')
        [ -n "$mirror" ] || skip "apt knows no Debian archive"
        echo "making a Debian sid tree with llama.cpp in $sid"
        rm -rf "$sid"
        debootstrap --variant=minbase --include=libvulkan1,llama.cpp,libggml0-backend-vulkan sid "$sid" \
            "$mirror" >"$work/debootstrap.log" 2>&1 || skip "debootstrap: $(tail -n 1 "$work/debootstrap.log")"
    fi
fi
trap finish EXIT
for at in proc dev; do
    if ! mountpoint -q "$sid/$at"; then
        mount --bind "/$at" "$sid/$at"
        mounted+=("$sid/$at")
    fi
done

# Weft goes into the tree, with those libraries of this system that the tree lacks.
weft=$sid/opt/weft
mkdir -p "$weft/lib" "$weft/old"
find "$build" -name 'libvulkan_weft.so' -o -name 'libweft_compiler.so' | xargs cp -t "$weft/lib"
printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "/opt/weft/lib/libvulkan_weft.so", "api_version": "1.3.0"}}\n' \
    >"$weft/weft_icd.json"
ldd "$weft"/lib/*.so | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }' | sort -u |
    while read -r name path; do
        [ -n "$(find "$sid"/usr/lib -name "$name" | head -n 1)" ] || cp -L "$path" "$weft/old/$name"
    done

python3 "$here/make_model.py" "$weft/f16.gguf"
for type in Q4_0 Q8_0; do
    chroot "$sid" llama-quantize "/opt/weft/f16.gguf" "/opt/weft/$type.gguf" $type \
        >"$work/quantize.log" 2>&1 || fail "llama-quantize: $(tail -n 1 "$work/quantize.log")"
done

# llama.cpp prints through a thread that it does not always wait for at its end, on any backend; a run whose
# last line is missing is repeated.
complete() { # MODEL TOKENS OUTPUT OPTION...
    local model=$1 tokens=$2 output=$3 try
    shift 3
    for try in 1 2 3 4 5 6; do
        chroot "$sid" /usr/bin/env VK_DRIVER_FILES=/opt/weft/weft_icd.json \
            VK_ICD_FILENAMES=/opt/weft/weft_icd.json LD_LIBRARY_PATH=/opt/weft/old \
            GGML_VK_VISIBLE_DEVICES=0 HOME=/tmp \
            timeout 600 llama-completion -m "/opt/weft/$model.gguf" -c 512 -n "$tokens" --temp 0 \
            --seed 1 --no-warmup -no-cnv -p 'the quick brown fox jumps over the lazy dog' "$@" \
            >"$work/$output.txt" 2>"$work/$output.log" ||
            { tail -n 5 "$work/$output.log"; fail "llama-completion ($output) failed; see $work/$output.log"; }
        ! grep -q 'graph reallocs' "$work/$output.log" || return 0
    done
    fail "llama-completion ($output): its output was cut short $try times"
}

# With quantised weights the CPU backend rounds activations too, in another way than Vulkan's shaders do
# on any driver: random weights have close calls, and the two part after some dozen tokens.
bad=0
for case in f16:32 Q8_0:16 Q4_0:8; do
    model=${case%:*} tokens=${case#*:}
    complete "$model" "$tokens" "$model-cpu" --device none
    complete "$model" "$tokens" "$model-weft" --device Vulkan0 -ngl 99
    if cmp -s "$work/$model-cpu.txt" "$work/$model-weft.txt"; then
        echo "$model: the same $tokens tokens; $(grep -o 'eval time.*' "$work/$model-weft.log" | tail -n 1)"
    else
        echo "$model: different tokens:"
        head -c 300 "$work/$model-cpu.txt" "$work/$model-weft.txt"
        echo
        bad=$((bad + 1))
    fi
done
[ $bad = 0 ]
