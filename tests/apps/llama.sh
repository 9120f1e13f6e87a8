# SPDX-License-Identifier: MIT
# llama.cpp's Vulkan backend on Weft must write the same tokens as its CPU backend: a small model with
# random weights (make_model.py), at half precision and quantised.
. "$here/common.sh"
sid_packages=(llama.cpp libggml0-backend-vulkan)
. "$here/sid.sh"

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
        in_sid timeout 600 llama-completion -m "/opt/weft/$model.gguf" -c 512 -n "$tokens" --temp 0 \
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
