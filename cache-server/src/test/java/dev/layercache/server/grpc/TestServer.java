package dev.layercache.server.grpc;

import build.bazel.remote.execution.v2.ContentAddressableStorageGrpc;
import build.bazel.remote.execution.v2.ContentAddressableStorageGrpc.ContentAddressableStorageBlockingStub;
import com.google.bytestream.ByteStreamGrpc;
import com.google.bytestream.ByteStreamGrpc.ByteStreamBlockingStub;
import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.blob.WatchedStore;
import dev.layercache.server.blob.memory.MemoryBlobStore;
import dev.layercache.server.config.DataSize;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A door over a store in memory, on a real socket, with real clients. */
final class TestServer implements AutoCloseable {
  static final long MAX_BLOB_BYTES = 64 << 20;

  /** So small that every message is cut by flow control. */
  static final int TINY_WINDOW = 65_535;

  static final MemoryBudget BUDGET = new MemoryBudget(512L << 20, 256L << 20);

  final BlobStore store;
  final GrpcDoor door;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final int clientWindow;

  private TestServer(BlobStore store, GrpcDoor door, int clientWindow) {
    this.store = store;
    this.door = door;
    this.clientWindow = clientWindow;
  }

  /** A store to start on that counts and fails. */
  static WatchedStore watched() {
    return new WatchedStore(new MemoryBlobStore(MAX_BLOB_BYTES, Clock.systemUTC()));
  }

  static TestServer start() throws IOException {
    return start(
        new MemoryBlobStore(MAX_BLOB_BYTES, Clock.systemUTC()), 256, Duration.ofSeconds(30));
  }

  static TestServer start(BlobStore store, int maxConnections, Duration stall) throws IOException {
    var door = GrpcDoor.open(config(maxConnections, stall), BUDGET, store, List.of());
    return new TestServer(store, door, 8 << 20);
  }

  /** Both ends with the smallest window that the protocol begins with. */
  static TestServer withTinyWindows() throws IOException {
    var store = new MemoryBlobStore(MAX_BLOB_BYTES, Clock.systemUTC());
    int connections = 256;
    var budget = new MemoryBudget(4L * TINY_WINDOW * connections + 4096, 256L << 20);
    var config = config(connections, Duration.ofSeconds(30));
    return new TestServer(store, GrpcDoor.open(config, budget, store, List.of()), TINY_WINDOW);
  }

  static ServerConfig config(int maxConnections, Duration stall) {
    return new ServerConfig(
        Path.of("unused"),
        new ServerConfig.Grpc(new HostPort("127.0.0.1", 0)),
        ServerConfig.DEFAULTS.http().withListen(new HostPort("127.0.0.1", 0)),
        new ServerConfig.Storage(new DataSize(MAX_BLOB_BYTES)),
        new ServerConfig.Limits(maxConnections, 256, Duration.ofSeconds(2), stall));
  }

  /** A new connection; closed with this server. */
  ManagedChannel connect() {
    var channel =
        NettyChannelBuilder.forAddress(door.address().host(), door.address().port())
            .usePlaintext()
            .flowControlWindow(clientWindow)
            .maxInboundMessageSize(16 << 20)
            .build();
    channels.add(channel);
    return channel;
  }

  ByteStreamBlockingStub byteStream() {
    return ByteStreamGrpc.newBlockingStub(connect()).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  ContentAddressableStorageBlockingStub cas() {
    return ContentAddressableStorageGrpc.newBlockingStub(connect())
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** Puts a blob into the store, past the door. */
  Digest put(byte[] content) throws IOException {
    var digest = Digest.of(content);
    try (var upload = store.begin(UploadHint.of(digest, content.length))) {
      upload.write(ByteBuffer.wrap(content));
      upload.commit(digest);
    }
    return digest;
  }

  static byte[] random(long seed, int length) {
    var content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  /** Uploads that the store holds half done. */
  long unfinishedUploads() {
    return store.usage().uploads();
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    try {
      for (var channel : channels) {
        channel.awaitTermination(10, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    door.close();
    store.close();
  }
}
