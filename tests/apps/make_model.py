#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a small llama-architecture GGUF file with random weights and a made-up vocabulary: enough for
llama.cpp to run every kind of layer, where no trained model can be had. Needs nothing but Python.

usage: make_model.py OUT.gguf [EMBEDDING LAYERS HEADS KV_HEADS FEED_FORWARD VOCABULARY]
"""
import random
import struct
import sys

ALIGNMENT = 32
# GGUF's numbers for the types of metadata and tensors that are used here.
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
TENSOR_F32, TENSOR_F16 = 0, 1
FILE_MOSTLY_F16 = 1
TOKEN_NORMAL, TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_BYTE = 1, 2, 3, 6


def string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(data)) + data


def field(key, kind, value):
    pack = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}
    body = string(value) if kind == STRING else struct.pack(pack[kind], value)
    return string(key) + struct.pack("<I", kind) + body


def array(key, kind, values):
    if kind == STRING:
        body = b"".join(string(value) for value in values)
    else:
        body = struct.pack("<%d%s" % (len(values), "i" if kind == INT32 else "f"), *values)
    return string(key) + struct.pack("<IIQ", ARRAY, kind, len(values)) + body


def vocabulary(count):
    """Control tokens, all bytes, then short words; each with a type and a score."""
    tokens = [(b"<unk>", TOKEN_UNKNOWN), (b"<s>", TOKEN_CONTROL), (b"</s>", TOKEN_CONTROL)]
    tokens += [(b"<0x%02X>" % byte, TOKEN_BYTE) for byte in range(256)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [""]
    while len(tokens) < count:
        words = [word + letter for word in words for letter in letters]
        for word in words:
            tokens += [(word.encode(), TOKEN_NORMAL), (("\u2581" + word).encode(), TOKEN_NORMAL)]
    tokens = tokens[:count]
    return [
        array("tokenizer.ggml.tokens", STRING, [text for text, _ in tokens]),
        array("tokenizer.ggml.scores", FLOAT32, [-float(i) for i in range(count)]),
        array("tokenizer.ggml.token_type", INT32, [kind for _, kind in tokens]),
    ]


def normal_pool(rng, count=65521):
    return [rng.gauss(0, 1) for _ in range(count)]


def matrix(rng, pool, rows, columns, scale):
    """Random halves: a row is a window into a pool of normal numbers, its place and sign random."""
    window = [value * scale for value in pool] * 2
    half = {sign: struct.pack("<%de" % len(window), *(sign * v for v in window)) for sign in (1, -1)}
    out = bytearray()
    for _ in range(rows):
        start = 2 * rng.randrange(len(pool))
        data = half[rng.choice((1, -1))]
        row = data[start:start + 2 * columns]
        out += row
    return bytes(out)


def ones(count):
    return struct.pack("<%df" % count, *([1.0] * count))


def main():
    if len(sys.argv) not in (2, 8):
        sys.exit(__doc__)
    sizes = [int(arg) for arg in sys.argv[2:]] or [256, 4, 4, 2, 768, 4000]
    embedding, layers, heads, kv_heads, feed_forward, words = sizes
    kv = embedding // heads * kv_heads
    rng = random.Random(1234)
    pool = normal_pool(rng)

    tensors = []  # name, dimensions (fastest first), type, bytes

    def add_matrix(name, rows, columns, scale=None):
        scale = 0.7 / columns ** 0.5 if scale is None else scale
        tensors.append((name, (columns, rows), TENSOR_F16, matrix(rng, pool, rows, columns, scale)))

    def add_ones(name, count):
        tensors.append((name, (count,), TENSOR_F32, ones(count)))

    add_matrix("token_embd.weight", words, embedding, 1.0)
    add_ones("output_norm.weight", embedding)
    add_matrix("output.weight", words, embedding)
    for layer in range(layers):
        prefix = "blk.%d." % layer
        add_ones(prefix + "attn_norm.weight", embedding)
        add_ones(prefix + "ffn_norm.weight", embedding)
        add_matrix(prefix + "attn_q.weight", embedding, embedding)
        add_matrix(prefix + "attn_k.weight", kv, embedding)
        add_matrix(prefix + "attn_v.weight", kv, embedding)
        add_matrix(prefix + "attn_output.weight", embedding, embedding)
        add_matrix(prefix + "ffn_gate.weight", feed_forward, embedding)
        add_matrix(prefix + "ffn_up.weight", feed_forward, embedding)
        add_matrix(prefix + "ffn_down.weight", embedding, feed_forward)

    metadata = [
        field("general.architecture", STRING, "llama"),
        field("general.name", STRING, "random"),
        field("general.file_type", UINT32, FILE_MOSTLY_F16),
        field("llama.context_length", UINT32, 2048),
        field("llama.embedding_length", UINT32, embedding),
        field("llama.block_count", UINT32, layers),
        field("llama.feed_forward_length", UINT32, feed_forward),
        field("llama.attention.head_count", UINT32, heads),
        field("llama.attention.head_count_kv", UINT32, kv_heads),
        field("llama.attention.layer_norm_rms_epsilon", FLOAT32, 1e-5),
        field("llama.rope.dimension_count", UINT32, embedding // heads),
        field("llama.rope.freq_base", FLOAT32, 10000.0),
        field("llama.vocab_size", UINT32, words),
        field("tokenizer.ggml.model", STRING, "llama"),
        field("tokenizer.ggml.bos_token_id", UINT32, 1),
        field("tokenizer.ggml.eos_token_id", UINT32, 2),
        field("tokenizer.ggml.unknown_token_id", UINT32, 0),
        field("tokenizer.ggml.add_bos_token", BOOL, True),
    ] + vocabulary(words)

    header = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(metadata))] + metadata
    offset = 0
    for name, dimensions, kind, data in tensors:
        header += [string(name), struct.pack("<I", len(dimensions)),
                   struct.pack("<%dQ" % len(dimensions), *dimensions),
                   struct.pack("<IQ", kind, offset)]
        offset += -(-len(data) // ALIGNMENT) * ALIGNMENT
    head = b"".join(header)
    with open(sys.argv[1], "wb") as out:
        out.write(head + bytes(-len(head) % ALIGNMENT))
        for _, _, _, data in tensors:
            out.write(data + bytes(-len(data) % ALIGNMENT))


if __name__ == "__main__":
    main()
