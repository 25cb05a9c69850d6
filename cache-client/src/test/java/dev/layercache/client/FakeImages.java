package dev.layercache.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.oci.ManifestParser;
import dev.layercache.v1.BlobDescriptor;
import dev.layercache.v1.DeleteTagRequest;
import dev.layercache.v1.DeleteTagResponse;
import dev.layercache.v1.GetImageRequest;
import dev.layercache.v1.GetImageResponse;
import dev.layercache.v1.GetStatisticsRequest;
import dev.layercache.v1.GetStatisticsResponse;
import dev.layercache.v1.ImagesGrpc;
import dev.layercache.v1.InspectImageRequest;
import dev.layercache.v1.InspectImageResponse;
import dev.layercache.v1.ListRepositoriesRequest;
import dev.layercache.v1.ListRepositoriesResponse;
import dev.layercache.v1.ListTagsRequest;
import dev.layercache.v1.ListTagsResponse;
import dev.layercache.v1.ListUploadsRequest;
import dev.layercache.v1.ListUploadsResponse;
import dev.layercache.v1.MissingBlobs;
import dev.layercache.v1.PutImageRequest;
import dev.layercache.v1.PutImageResponse;
import dev.layercache.v1.ResolveTagRequest;
import dev.layercache.v1.ResolveTagResponse;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Manifests and tags; manifests are blobs whose media types are remembered. */
final class FakeImages extends ImagesGrpc.ImagesImplBase {
  private final FakeCache cache;
  private final Map<Digest, Descriptor> manifests = new TreeMap<>();
  private final ConcurrentSkipListMap<String, ConcurrentSkipListMap<String, Descriptor>> tags =
      new ConcurrentSkipListMap<>();

  /** The platform that an inspected image says it is for. */
  volatile String inspectedPlatform = "";

  /** Digests of the manifests put, in order. */
  final List<Digest> put = new ArrayList<>();

  FakeImages(FakeCache cache) {
    this.cache = cache;
  }

  /** Moves a tag without asking what is stored. */
  void tag(String repository, String tag, Descriptor manifest) {
    tags.computeIfAbsent(repository, r -> new ConcurrentSkipListMap<>()).put(tag, manifest);
  }

  @Override
  public synchronized void putImage(
      PutImageRequest request, StreamObserver<PutImageResponse> answer) {
    cache.faults.vanishing.forEach(cache.blobs::remove);
    cache.faults.vanishing.clear();
    byte[] bytes = request.getManifest().toByteArray();
    var descriptor = new Descriptor(request.getMediaType(), Digest.of(bytes), bytes.length);
    List<Descriptor> missing;
    try {
      missing =
          ManifestParser.parse(bytes, request.getMediaType()).references().stream()
              .filter(blob -> !cache.blobs.containsKey(blob.digest()))
              .toList();
    } catch (InvalidManifestException e) {
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
      return;
    }
    if (!missing.isEmpty()) {
      answer.onError(refusal(missing));
      return;
    }
    cache.blobs.put(descriptor.digest(), bytes);
    manifests.put(descriptor.digest(), descriptor);
    put.add(descriptor.digest());
    request.getTagsList().forEach(tag -> tag(request.getRepository(), tag, descriptor));
    answer.onNext(PutImageResponse.newBuilder().setDigest(descriptor.digest().toString()).build());
    answer.onCompleted();
  }

  private static RuntimeException refusal(List<Descriptor> missing) {
    var details = MissingBlobs.newBuilder().setTotal(missing.size());
    missing.forEach(blob -> details.addBlobs(wire(blob)));
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Code.FAILED_PRECONDITION.getNumber())
            .setMessage("blobs are missing")
            .addDetails(Any.pack(details.build()))
            .build());
  }

  @Override
  public synchronized void getImage(
      GetImageRequest request, StreamObserver<GetImageResponse> answer) {
    Optional<Descriptor> found =
        request.getReference().contains(":")
            ? Optional.ofNullable(manifests.get(Digest.parse(request.getReference())))
            : tagged(request.getRepository(), request.getReference());
    if (found.isEmpty()) {
      notFound(answer, request.getRepository() + " " + request.getReference());
      return;
    }
    byte[] bytes = cache.blobs.getOrDefault(found.get().digest(), new byte[0]);
    answer.onNext(
        GetImageResponse.newBuilder()
            .setManifestDescriptor(wire(found.get()))
            .setManifest(
                ByteString.copyFrom(cache.faults.corrupt ? FakeStorage.corrupted(bytes) : bytes))
            .build());
    answer.onCompleted();
  }

  @Override
  public void resolveTag(ResolveTagRequest request, StreamObserver<ResolveTagResponse> answer) {
    Optional<Descriptor> found = tagged(request.getRepository(), request.getTag());
    if (found.isEmpty()) {
      notFound(answer, request.getRepository() + ":" + request.getTag());
      return;
    }
    answer.onNext(ResolveTagResponse.newBuilder().setManifestDescriptor(wire(found.get())).build());
    answer.onCompleted();
  }

  @Override
  public void listRepositories(
      ListRepositoriesRequest request, StreamObserver<ListRepositoriesResponse> answer) {
    var after = tags.tailMap(request.getLast(), false);
    var page = ListRepositoriesResponse.newBuilder();
    after.entrySet().stream()
        .limit(request.getPageSize())
        .forEach(
            entry ->
                page.addRepositories(
                    ListRepositoriesResponse.Repository.newBuilder()
                        .setName(entry.getKey())
                        .setTags(entry.getValue().size())));
    answer.onNext(page.setMore(after.size() > request.getPageSize()).build());
    answer.onCompleted();
  }

  @Override
  public void listTags(ListTagsRequest request, StreamObserver<ListTagsResponse> answer) {
    if (!tags.containsKey(request.getRepository())) {
      notFound(answer, request.getRepository());
      return;
    }
    var after =
        tags.getOrDefault(request.getRepository(), new ConcurrentSkipListMap<>())
            .tailMap(request.getLast(), false);
    var page = ListTagsResponse.newBuilder();
    after.entrySet().stream()
        .limit(request.getPageSize())
        .forEach(
            entry ->
                page.addTags(
                    ListTagsResponse.Tag.newBuilder()
                        .setName(entry.getKey())
                        .setManifestDescriptor(wire(entry.getValue()))
                        .setUpdatedMillis(1_000)));
    answer.onNext(page.setMore(after.size() > request.getPageSize()).build());
    answer.onCompleted();
  }

  @Override
  public void deleteTag(DeleteTagRequest request, StreamObserver<DeleteTagResponse> answer) {
    if (tagged(request.getRepository(), request.getTag()).isEmpty()) {
      notFound(answer, request.getRepository() + ":" + request.getTag());
      return;
    }
    tags.getOrDefault(request.getRepository(), new ConcurrentSkipListMap<>())
        .remove(request.getTag());
    answer.onNext(DeleteTagResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public synchronized void inspectImage(
      InspectImageRequest request, StreamObserver<InspectImageResponse> answer) {
    Optional<Descriptor> found = tagged(request.getRepository(), request.getReference());
    if (found.isEmpty()) {
      notFound(answer, request.getRepository() + ":" + request.getReference());
      return;
    }
    answer.onNext(
        InspectImageResponse.newBuilder()
            .setManifestDescriptor(wire(found.get()))
            .addImages(
                InspectImageResponse.Image.newBuilder()
                    .setManifestDescriptor(wire(found.get()))
                    .setPlatform(inspectedPlatform)
                    .addLayers(
                        InspectImageResponse.Layer.newBuilder()
                            .setBlob(wire(found.get()))
                            .addSharedWith("other@" + found.get().digest())
                            .setSharedTotal(12)))
            .build());
    answer.onCompleted();
  }

  @Override
  public void listUploads(ListUploadsRequest request, StreamObserver<ListUploadsResponse> answer) {
    answer.onNext(
        ListUploadsResponse.newBuilder()
            .addUploads(
                ListUploadsResponse.Upload.newBuilder()
                    .setId("upload-1")
                    .setPosition(5)
                    .setUpdatedMillis(1_000))
            .build());
    answer.onCompleted();
  }

  @Override
  public void getStatistics(
      GetStatisticsRequest request, StreamObserver<GetStatisticsResponse> answer) {
    answer.onNext(
        GetStatisticsResponse.newBuilder()
            .setBlobs(1)
            .setBytesStored(2)
            .setBytesReceived(3)
            .setBytesSent(4)
            .setHits(5)
            .setMisses(6)
            .setUploads(7)
            .setUptimeMillis(8)
            .build());
    answer.onCompleted();
  }

  private Optional<Descriptor> tagged(String repository, String tag) {
    return Optional.ofNullable(
        tags.getOrDefault(repository, new ConcurrentSkipListMap<>()).get(tag));
  }

  private static void notFound(StreamObserver<?> answer, String what) {
    answer.onError(Status.NOT_FOUND.withDescription("no " + what).asRuntimeException());
  }

  private static BlobDescriptor wire(Descriptor blob) {
    return BlobDescriptor.newBuilder()
        .setDigest(blob.digest().toString())
        .setSize(blob.size())
        .setMediaType(blob.mediaType())
        .build();
  }
}
