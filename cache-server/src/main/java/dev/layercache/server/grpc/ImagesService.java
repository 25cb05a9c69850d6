package dev.layercache.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.layercache.oci.ImageReference;
import dev.layercache.server.blob.BlobAdmin;
import dev.layercache.server.blob.BlobCounters;
import dev.layercache.server.image.Images;
import dev.layercache.server.mirror.Content;
import dev.layercache.server.mirror.Origins.Asked;
import dev.layercache.server.mirror.Origins.Purpose;
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
import dev.layercache.v1.PutImageRequest;
import dev.layercache.v1.PutImageResponse;
import dev.layercache.v1.ResolveTagRequest;
import dev.layercache.v1.ResolveTagResponse;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * {@code layercache.v1.Images}: manifests, tags and statistics. Every method blocks, so calls must
 * come on virtual threads.
 */
public final class ImagesService extends ImagesGrpc.ImagesImplBase {
  private static final int MAX_PAGE = Images.MAX_PAGE;

  /** A page of repositories ends early once this many tags were counted for it. */
  private static final int MAX_TAGS_COUNTED = 20_000;

  private final Content content;
  private final Images images;
  private final BlobAdmin blobs;
  private final BlobCounters counters;
  private final Clock clock;
  private final Instant started;

  /**
   * @param content is what is pulled; everything else goes to {@code images}
   * @param blobs says how much is stored and which uploads are unfinished
   * @param counters of the store that the doors use
   * @param clock tells how long the server runs, from now on
   */
  public ImagesService(
      Content content, Images images, BlobAdmin blobs, BlobCounters counters, Clock clock) {
    this.content = content;
    this.images = images;
    this.blobs = blobs;
    this.counters = counters;
    this.clock = clock;
    this.started = clock.instant();
  }

  @Override
  public void putImage(PutImageRequest request, StreamObserver<PutImageResponse> observer) {
    answer(
        observer,
        () -> {
          // Blobs are pushed to no repository here: naming them is what brings them into it.
          var stored =
              images.putRestoring(
                  request.getRepository(),
                  Optional.empty(),
                  request.getTagsList(),
                  request.getManifest().toByteArray(),
                  request.getMediaType());
          return PutImageResponse.newBuilder()
              .setDigest(stored.descriptor().digest().toString())
              .build();
        });
  }

  @Override
  public void getImage(GetImageRequest request, StreamObserver<GetImageResponse> observer) {
    answer(
        observer,
        () -> {
          String reference = orLatest(request.getReference());
          var found =
              content
                  .get(repository(request.getRepository()), reference)
                  .orElseThrow(() -> noImage(request.getRepository(), reference))
                  .value();
          ByteString bytes = UnsafeByteOperations.unsafeWrap(found.bytes());
          return GetImageResponse.newBuilder()
              .setManifestDescriptor(ImageMessages.descriptor(found.manifest().descriptor()))
              .setManifest(bytes)
              .build();
        });
  }

  @Override
  public void resolveTag(ResolveTagRequest request, StreamObserver<ResolveTagResponse> observer) {
    answer(
        observer,
        () -> {
          String tag = orLatest(request.getTag());
          ImageReference.requireTag(tag);
          var found =
              content
                  .resolve(repository(request.getRepository()), tag)
                  .orElseThrow(() -> noImage(request.getRepository(), tag))
                  .value();
          return ResolveTagResponse.newBuilder()
              .setManifestDescriptor(ImageMessages.descriptor(found.descriptor()))
              .build();
        });
  }

  @Override
  public void listRepositories(
      ListRepositoriesRequest request, StreamObserver<ListRepositoriesResponse> observer) {
    answer(
        observer,
        () -> {
          var page = images.repositories(request.getLast(), pageSize(request.getPageSize()));
          var response = ListRepositoriesResponse.newBuilder().setMore(page.next().isPresent());
          int counted = 0;
          for (String name : page.items()) {
            if (counted > MAX_TAGS_COUNTED) {
              return response.setMore(true).build();
            }
            int tags = images.countTags(name);
            counted += tags;
            response.addRepositoriesBuilder().setName(name).setTags(tags);
          }
          return response.build();
        });
  }

  @Override
  public void listTags(ListTagsRequest request, StreamObserver<ListTagsResponse> observer) {
    answer(
        observer,
        () -> {
          int size = pageSize(request.getPageSize());
          var page =
              images
                  .tags(request.getRepository(), request.getLast(), size)
                  .orElseThrow(
                      () ->
                          GrpcErrors.notFound(
                              "repository %s is not known", request.getRepository()));
          var response = ListTagsResponse.newBuilder().setMore(page.next().isPresent());
          page.items().forEach(tag -> response.addTags(ImageMessages.tag(tag)));
          return response.build();
        });
  }

  @Override
  public void deleteTag(DeleteTagRequest request, StreamObserver<DeleteTagResponse> observer) {
    answer(
        observer,
        () -> {
          if (!images.deleteTag(request.getRepository(), request.getTag())) {
            throw GrpcErrors.notFound(
                "tag %s:%s is not known", request.getRepository(), request.getTag());
          }
          return DeleteTagResponse.getDefaultInstance();
        });
  }

  @Override
  public void inspectImage(
      InspectImageRequest request, StreamObserver<InspectImageResponse> observer) {
    answer(
        observer,
        () -> {
          String reference = orLatest(request.getReference());
          return images
              .inspect(request.getRepository(), reference)
              .map(ImageMessages::inspection)
              .orElseThrow(() -> noImage(request.getRepository(), reference));
        });
  }

  @Override
  public void listUploads(
      ListUploadsRequest request, StreamObserver<ListUploadsResponse> observer) {
    answer(
        observer,
        () -> {
          int size = pageSize(request.getPageSize());
          var uploads = blobs.uploads(size + 1);
          var response = ListUploadsResponse.newBuilder().setMore(uploads.size() > size);
          uploads.stream().limit(size).map(ImageMessages::upload).forEach(response::addUploads);
          return response.build();
        });
  }

  @Override
  public void getStatistics(
      GetStatisticsRequest request, StreamObserver<GetStatisticsResponse> observer) {
    answer(
        observer,
        () -> {
          var usage = blobs.usage();
          var counted = counters.snapshot();
          return GetStatisticsResponse.newBuilder()
              .setBlobs(usage.blobs())
              .setBytesStored(usage.bytes())
              .setUploads(usage.uploads())
              .setBytesReceived(counted.bytesReceived())
              .setBytesSent(counted.bytesSent())
              .setHits(counted.hits())
              .setMisses(counted.misses())
              .setDamaged(counters.damaged())
              .setUptimeMillis(Duration.between(started, clock.instant()).toMillis())
              .build();
        });
  }

  /** The repository that a client means: one of Docker Hub's may be named without its registry. */
  private String repository(String name) throws IOException {
    var asked = new Asked(name, Optional.empty(), Purpose.MANIFEST, images::exists);
    return content.locate(asked).orElse(name);
  }

  private interface Method<A> {
    A run() throws IOException, StatusException;
  }

  private static <A> void answer(StreamObserver<A> observer, Method<A> method) {
    A response;
    try {
      response = method.run();
    } catch (IOException | StatusException | RuntimeException e) {
      observer.onError(ImageErrors.of(e));
      return;
    }
    observer.onNext(response);
    observer.onCompleted();
  }

  private static String orLatest(String reference) {
    return reference.isEmpty() ? ImageReference.DEFAULT_TAG : reference;
  }

  private static int pageSize(int asked) {
    if (asked < 0 || asked > MAX_PAGE) {
      throw new IllegalArgumentException(
          "page_size: %d (expected: 0 to %d)".formatted(asked, MAX_PAGE));
    }
    return asked == 0 ? MAX_PAGE : asked;
  }

  private static StatusException noImage(String repository, String reference) {
    return GrpcErrors.notFound(
        "image %s%s%s is not stored, or a part of it is gone",
        repository, reference.indexOf(':') < 0 ? ":" : "@", reference);
  }
}
