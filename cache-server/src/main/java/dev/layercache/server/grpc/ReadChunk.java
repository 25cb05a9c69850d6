package dev.layercache.server.grpc;

import io.netty.buffer.ByteBuf;

/**
 * The next bytes of a download, on the wire a {@code ReadResponse} with its {@code data}.
 *
 * @param data readable bytes; stays the caller's, who may release or overwrite it once {@code
 *     onNext} has returned
 */
record ReadChunk(ByteBuf data) {}
